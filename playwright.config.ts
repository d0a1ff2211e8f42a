import { defineConfig, devices } from '@playwright/test'

const executablePath = process.env.CHROME_BIN || undefined

/** The journeys of a diner, on a platform that is already running. */
export default defineConfig({
  testDir: 'e2e',
  testMatch: '*.spec.ts',
  workers: 1,
  timeout: 60_000,
  expect: { timeout: 15_000 },
  forbidOnly: Boolean(process.env.CI),
  use: {
    ...devices['Desktop Chrome'],
    baseURL: process.env.SITE_URL ?? 'http://127.0.0.1:8080',
    trace: 'retain-on-failure',
    // Requests that go through one can't be held up by a test.
    serviceWorkers: 'block',
    launchOptions: {
      executablePath,
      args: [
        '--no-sandbox',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-default-apps',
        '--disable-domain-reliability',
        '--disable-sync',
        '--no-first-run',
        '--no-pings',
        // Chromium takes pages without TLS for secure on this machine's own names alone.
        ...(process.env.TRUSTED_ORIGIN
          ? [`--unsafely-treat-insecure-origin-as-secure=${process.env.TRUSTED_ORIGIN}`]
          : []),
      ],
    },
  },
})
