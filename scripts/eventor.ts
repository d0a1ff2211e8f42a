// eventor itself says what it can: npm run eventor -- --help
// Its own default is that of every container, and on this machine the bank's of `npm start`; this is the first after those.
process.env.METRICS_PORT ||= '9469'
await import('../services/eventor/src/main.ts')
