/** The methods that resources can have; HEAD and OPTIONS are added automatically. */
export const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;
export type Method = (typeof METHODS)[number];
