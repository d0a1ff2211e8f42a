/** The site is up as soon as it answers: it holds no state and waits for nothing. */
export const GET = () => Response.json({ status: 'healthy' })
