import { defineConfig } from 'vitest/config'

const exclude = ['**/node_modules/**', '**/.next/**', '.cache/**', '.tools/**']

export default defineConfig({
  test: {
    testTimeout: 30_000,
    hookTimeout: 60_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: [
            '{packages,services}/*/src/**/*.test.{ts,tsx}',
            '{apps,scripts,bench,e2e}/**/*.test.{ts,tsx}',
          ],
          exclude: [...exclude, '**/tests/**'],
        },
      },
      {
        extends: true,
        test: {
          name: 'integration',
          include: ['**/tests/**/*.test.ts'],
          exclude: [...exclude, 'e2e/chaos/**'],
          globalSetup: 'scripts/testing/broker-for-tests.ts',
          maxWorkers: 2,
        },
      },
      {
        extends: true,
        test: {
          // Each of them needs the whole machine.
          name: 'chaos',
          include: ['e2e/chaos/tests/*.test.ts'],
          exclude,
          maxWorkers: 1,
        },
      },
    ],
  },
})
