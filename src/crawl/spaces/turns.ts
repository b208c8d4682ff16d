/** Makes changes one after the other, whether or not those before have failed. */
export function createTurns(): <T>(change: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (change) => {
    const turn = last.then(change);
    last = turn.catch(() => undefined);
    return turn;
  };
}
