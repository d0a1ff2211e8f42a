import type { Express, RequestHandler } from 'express'
import { Problem } from 'kafka-restaurants-contracts'
import type { z } from 'zod'
import { createDocument, type ZodOpenApiOperationObject } from 'zod-openapi'

/** One thing that a service answers, and what it says of it. */
export interface Route extends ZodOpenApiOperationObject {
  method: 'get' | 'post' | 'put' | 'patch' | 'delete'
  /** with its parameters in braces, as in OpenAPI: `/restaurants/{id}` */
  path: string
  handle: RequestHandler | RequestHandler[]
}

/**
 * Adds routes to an app, and `GET /openapi.json`, which describes them: OpenAPI 3.1, whose schemas are JSON Schema
 * 2020-12, made of those that the routes read by.
 * @param schemas those that stand once, by name, and are referred to; as zod has them, or as JSON Schema
 */
export function addRoutes(
  http: Express,
  { title, schemas, routes }: { title: string; schemas: Record<string, z.ZodType | object>; routes: Route[] },
): void {
  for (const { method, path, handle } of routes) http[method](path.replaceAll(/\{(\w+)\}/g, ':$1'), handle)
  const paths: Record<string, Record<string, ZodOpenApiOperationObject>> = {}
  for (const { method, path, handle: _, ...operation } of routes) {
    paths[path] = { ...paths[path], [method]: operation }
  }
  const info = { title: `Kafka Restaurants: ${title}`, version: '1.0.0', license: { name: 'Apache-2.0' } }
  const document = createDocument(
    { openapi: '3.1.0', info, paths, components: { schemas: { ...schemas, Problem } } },
    {
      allowEmptySchema: { custom: true, transform: true },
      // Fields that a schema does not know are passed on, so that parts may be upgraded in any order.
      override: ({ jsonSchema }) => {
        if (jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties
      },
    },
  )
  http.get('/openapi.json', (_request, response) => void response.json(document))
}

/** An answer with a JSON body. */
export const json = (description: string, schema: z.ZodType) => ({
  description,
  content: { 'application/json': { schema } },
})

/** An answer that says what is wrong (RFC 9457). */
export const problem = (description: string, schema: z.ZodType = Problem) => ({
  description,
  content: { 'application/problem+json': { schema } },
})
