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
      return () => listeners.delete(own);
    },
    // One that throws is its owner's fault, and nobody else's: it is said where uncaught errors are.
    ring: (value) => [...listeners].forEach((listener) => {
      try {
        listener(value);
      } catch (error) {
        setTimeout(() => { throw error; });
      }
    }),
    heard: () => listeners.size > 0,
  };
}
