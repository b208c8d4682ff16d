/** The methods that resources have; HEAD and OPTIONS come by themselves. */
export const METHODS = ['GET', 'POST', 'PATCH', 'DELETE'] as const;
export type Method = (typeof METHODS)[number];
