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
            '{apps,bench,chaos,cluster,docker,e2e,scripts}/**/*.test.{ts,tsx}',
          ],
          exclude: [...exclude, '**/tests/**'],
        },
      },
      {
        extends: true,
        test: {
          name: 'integration',
          include: ['**/tests/**/*.test.ts'],
          exclude: [...exclude, 'chaos/**'],
          globalSetup: 'packages/dev-env/src/testing/broker-for-tests.ts',
          maxWorkers: 2,
        },
      },
      {
        extends: true,
        test: {
          // Each of them needs the whole machine.
          name: 'chaos',
          include: ['chaos/tests/*.test.ts'],
          exclude,
          maxWorkers: 1,
        },
      },
    ],
  },
})
