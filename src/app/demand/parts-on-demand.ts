/** How each part is made. */
type Makers<Parts> = { readonly [Name in keyof Parts]: () => Parts[Name] };

/**
 * Adds parts to an object, each of which is made when it is first asked for and kept. An error of making one is thrown to
 * whoever asks, and it is tried again for whoever asks next.
 */
export function withPartsOnDemand<Whole extends object, Parts extends object>(
  whole: Whole,
  makers: Makers<Parts>,
): Whole & Parts {
  for (const name of Object.keys(makers) as (keyof Parts & string)[]) {
    Object.defineProperty(whole, name, {
      configurable: true,
      enumerable: true,
      get() {
        const value = makers[name]();
        Object.defineProperty(whole, name, { value, enumerable: true });
        return value;
      },
    });
  }
  return whole as Whole & Parts;
}
