import { fileURLToPath } from 'node:url'
import type { NextConfig } from 'next'
import createNextIntlPlugin from 'next-intl/plugin'

const workspaceRoot = fileURLToPath(new URL('../..', import.meta.url))

const config: NextConfig = {
  output: 'standalone',
  outputFileTracingRoot: workspaceRoot,
  turbopack: { root: workspaceRoot },
  transpilePackages: ['kafka-restaurants-contracts'],
  allowedDevOrigins: ['127.0.0.1'],
  devIndicators: false,
  poweredByHeader: false,
  // Titles stand in the head at once for everybody: else they come by script, as what a page is may take longer to know.
  htmlLimitedBots: /.*/,
  headers: async () => [
    {
      source: '/:path*',
      headers: [
        { key: 'X-Content-Type-Options', value: 'nosniff' },
        { key: 'X-Frame-Options', value: 'DENY' },
        { key: 'Referrer-Policy', value: 'same-origin' },
        { key: 'Cross-Origin-Opener-Policy', value: 'same-origin' },
        { key: 'Permissions-Policy', value: 'camera=(), geolocation=(), microphone=(), payment=(), usb=()' },
      ],
    },
    {
      // Next sends it as the same for everybody; it is in the visitor's language.
      source: '/manifest.webmanifest',
      headers: [
        { key: 'Cache-Control', value: 'private, no-cache' },
        { key: 'Vary', value: 'Accept-Language, Cookie' },
      ],
    },
  ],
}

// Texts are compiled by the build: a browser then needs no parser of them.
const messages = { path: './i18n/messages', format: 'json', locales: 'infer', precompile: true } as const

export default createNextIntlPlugin({ requestConfig: './i18n/request.ts', experimental: { messages } })(
  config,
)
