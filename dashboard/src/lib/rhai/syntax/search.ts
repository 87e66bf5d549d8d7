// Finding a place in a list that is in order.

/** How many of the first items satisfy a test that holds for none behind them. */
export function countWhile<T>(list: readonly T[], test: (item: T) => boolean): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (test(list[middle]!)) low = middle + 1;
    else high = middle;
  }
  return low;
}
