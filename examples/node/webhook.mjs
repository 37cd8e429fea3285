// Receives webhooks of a securescan server with Express. The signature is over the raw body, so the raw body is what is kept:
// a body that was parsed and written again is another one.
import express from 'express'
import { verifyWebhook } from 'securescan'

/** The receiver. `heard` is called with each delivery that is what it says. */
export function receiver(secret, heard) {
  const app = express()
  app.disable('x-powered-by')
  app.post('/securescan', express.raw({ type: '*/*', limit: '1mb' }), (request, response) => {
    const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
    if (!verifyWebhook(secret, request.headers['x-securescan-signature'], body)) return response.status(401).end()
    heard(JSON.parse(body.toString()))
    response.status(204).end()
  })
  return app
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  const secret = process.env.SECURESCAN_WEBHOOK_SECRET
  if (!secret) throw new Error('set SECURESCAN_WEBHOOK_SECRET')
  const server = receiver(secret, ({ event, data }) => console.log(event, data)).listen(Number(process.env.PORT ?? 8080), '127.0.0.1', () => {
    console.log(`listening on http://127.0.0.1:${server.address().port}/securescan`)
  })
}
