/** Makes an object each property of which is made when it is first read. */
export function lazily<Made extends object>(makers: { readonly [Key in keyof Made]: () => Made[Key] }): Made {
  const made = {} as Made;
  for (const key of Object.keys(makers) as (keyof Made)[]) {
    const get = () => {
      const value = makers[key]();
      Object.defineProperty(made, key, { value, writable: true, configurable: true, enumerable: true });
      return value;
    };
    Object.defineProperty(made, key, { get, configurable: true, enumerable: true });
  }
  return made;
}
