/**
 * Returns the first position from 0 to `length - 1` at which a condition holds, or `length` if there is none. The
 * condition must hold at all later positions, too: the search is binary.
 */
export function firstPosition(length: number, holds: (position: number) => boolean): number {
  let [low, high] = [0, length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
