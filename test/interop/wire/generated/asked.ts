/** What each program is given: where the API is, and a token. */
const [, , address = '', token = ''] = process.argv;

export { address, token };

interface Image {
  readonly id: number;
  readonly name: string;
}

/** What a generated client gave, by its own types; the test looks at what is printed. */
export function report(seen: {
  readonly whole: readonly Image[];
  readonly named: readonly Image[];
  readonly filtered: readonly Image[];
  readonly page: {
    readonly data: readonly Image[];
    readonly meta: { readonly pages: { readonly next_url: string | null; readonly total: number } };
  };
  readonly shown: Image | undefined;
  readonly refused: string | undefined;
}): void {
  const names = (images: readonly Image[]) => images.map(({ name }) => name);
  console.log(
    JSON.stringify({
      whole: seen.whole.length,
      named: names(seen.named),
      filtered: names(seen.filtered),
      page: names(seen.page.data),
      total: seen.page.meta.pages.total,
      hasNext: seen.page.meta.pages.next_url !== null,
      isShown: seen.shown?.id === seen.whole[0]?.id,
      refused: seen.refused,
    }),
  );
}
