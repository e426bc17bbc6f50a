/**
 * Edits that the server may not have yet, kept in the browser, so that a lid that closes or a tab that is killed loses nothing.
 *
 * An entry is one Yjs update. Entries of every tab lie side by side; a tab forgets only those it wrote or has sent on itself.
 * Applying one twice changes nothing.
 */
export type KeptEdits = {
  /** Resolves when it is on disk, with the key by which it is forgotten. */
  readonly keep: (update: Uint8Array) => Promise<number>
  readonly all: () => Promise<readonly { readonly key: number; readonly update: Uint8Array }[]>
  readonly forget: (keys: readonly number[]) => Promise<void>
  readonly close: () => void
}

const DATABASE = "stet-kept-edits"
const STORE = "edits"

/** `about` names whose edits of what: a person on the same machine sees nothing of another's. */
export async function openKeptEdits(factory: IDBFactory, about: string): Promise<KeptEdits> {
  const database = await opened(factory)
  const store = (mode: IDBTransactionMode) => database.transaction(STORE, mode).objectStore(STORE)
  return {
    keep: async (update) => Number(await answered(store("readwrite").add({ about, update }))),
    all: async () => {
      const index = store("readonly").index("about")
      const [keys, values] = await Promise.all([answered(index.getAllKeys(about)), answered(index.getAll(about))])
      return values.map((value: { update: Uint8Array }, at) => ({ key: Number(keys[at]), update: value.update }))
    },
    forget: async (keys) => {
      const target = store("readwrite")
      await Promise.all(keys.map((key) => answered(target.delete(key))))
    },
    close: () => database.close(),
  }
}

function opened(factory: IDBFactory): Promise<IDBDatabase> {
  const request = factory.open(DATABASE, 1)
  request.onupgradeneeded = () => {
    const store = request.result.createObjectStore(STORE, { autoIncrement: true })
    store.createIndex("about", "about")
  }
  return answered(request)
}

function answered<Value>(request: IDBRequest<Value>): Promise<Value> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })
}
