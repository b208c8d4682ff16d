import { extendZodWithOpenApi, z as plain } from '@hono/zod-openapi';

extendZodWithOpenApi(plain);
/**
 * zod with `openapi()`. A constant of its own: whoever uses it runs after the line above, however the program is divided
 * into files.
 */
export const z = plain;
