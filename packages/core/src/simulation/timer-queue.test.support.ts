/** What falls due at a time, in ms. */
export interface Timer {
  readonly id: number;
  readonly due: number;
  readonly run: () => void;
}

/** Timers in the order in which they fall due; of two at once, the one with the lower id. */
export interface TimerQueue {
  add(timer: Timer): void;
  remove(id: number): void;
  /** Takes the first out that falls due until then. */
  takeUntil(moment: number): Timer | undefined;
}

/** Creates an empty queue. It is a binary heap, since a fleet of 10,000 has tens of thousands of timers. */
export function createTimerQueue(): TimerQueue {
  const heap: Timer[] = [];
  /** Those that were removed stay in the heap until they come up. */
  const pending = new Set<number>();

  function isBefore(a: number, b: number): boolean {
    const [one, other] = [heap[a], heap[b]];
    if (one === undefined || other === undefined) return false;
    return one.due < other.due || (one.due === other.due && one.id < other.id);
  }

  function swap(a: number, b: number): void {
    const [one, other] = [heap[a], heap[b]];
    if (one === undefined || other === undefined) return;
    heap[a] = other;
    heap[b] = one;
  }

  function takeFirst(): Timer | undefined {
    swap(0, heap.length - 1);
    const first = heap.pop();
    for (let at = 0; ; ) {
      const [left, right] = [2 * at + 1, 2 * at + 2];
      const lesser = isBefore(right, left) ? right : left;
      if (!isBefore(lesser, at)) return first;
      swap(at, lesser);
      at = lesser;
    }
  }

  return {
    add(timer) {
      pending.add(timer.id);
      let at = heap.push(timer) - 1;
      for (let parent = (at - 1) >> 1; isBefore(at, parent); parent = (at - 1) >> 1) {
        swap(at, parent);
        at = parent;
      }
    },
    remove(id) {
      pending.delete(id);
    },
    takeUntil(moment) {
      while ((heap[0]?.due ?? Number.POSITIVE_INFINITY) <= moment) {
        const first = takeFirst();
        if (first !== undefined && pending.delete(first.id)) return first;
      }
      return undefined;
    },
  };
}
