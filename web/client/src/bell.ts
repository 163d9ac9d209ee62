// Whoever wants to know, told one after the other.

export interface Bell<T> {
  /** @returns what ends it. A function may be given twice. */
  listen(listener: (value: T) => void): () => void;
  ring(value: T): void;
  /** Whether anybody listens. */
  heard(): boolean;
}

export function createBell<T>(): Bell<T> {
  const listeners = new Set<(value: T) => void>();
  return {
    listen(listener) {
      const own = (value: T) => listener(value);
      listeners.add(own);
      return () => void listeners.delete(own);
    },
    ring: (value) => [...listeners].forEach((listener) => listener(value)),
    heard: () => listeners.size > 0,
  };
}
