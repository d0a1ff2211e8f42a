/** Behind whatever keeps traces or metrics from being shown. */
export const withoutIt =
  'Or start without --observe: ARCHITECTURE.md says under "Traces" how they come to a tool of your own.'
