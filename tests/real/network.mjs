// A whole AT Protocol network on loopback: identities, a personal data server, an app view.
// Prints {"pds": …, "jwtSecret": …} when it is up. Then each line on stdin makes it catch up with
// everything that was written so far, and is answered with a line. Ends with its stdin.

import { createInterface } from 'node:readline'
import { TestNetwork } from '@atproto/dev-env'

const JWT_SECRET = 'only-for-this-network'
const network = await TestNetwork.create({
  dbPostgresUrl: process.env.POSTGRES_URL,
  dbPostgresSchema: 'real',
  pds: { jwtSecret: JWT_SECRET, enableDidDocWithSession: true },
})

const say = (value) => process.stdout.write(`${JSON.stringify(value)}\n`)
say({ pds: network.pds.url, jwtSecret: JWT_SECRET })
for await (const line of createInterface({ input: process.stdin })) {
  await network.processAll(30_000)
  say({ done: line })
}
await network.close()
process.exit(0)
