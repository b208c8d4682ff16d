/** The methods that resources have; HEAD and OPTIONS come by themselves. */
export const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;
export type Method = (typeof METHODS)[number];
