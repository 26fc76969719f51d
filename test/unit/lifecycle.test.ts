import assert from "node:assert/strict";
import { DisposableStore, Emitter } from "../../src/base/lifecycle.ts";

describe("A store of disposables", () => {
  it("disposes everything once, in the order it was added", () => {
    const seen: string[] = [];
    const store = new DisposableStore();
    for (const name of ["a", "b"]) store.add({ dispose: () => void seen.push(name) });
    store.dispose();
    store.dispose();
    assert.deepEqual(seen, ["a", "b"]);
    assert.ok(store.isDisposed);
  });

  it("hands back what it was given", () => {
    const item = { dispose: () => {} };
    assert.equal(new DisposableStore().add(item), item);
  });

  it("disposes at once what comes too late", () => {
    const store = new DisposableStore();
    store.dispose();
    const seen: string[] = [];
    store.add({ dispose: () => void seen.push("late") });
    assert.deepEqual(seen, ["late"]);
  });

  it("disposes the rest when one fails, and tells of the failure", () => {
    const seen: string[] = [];
    const store = new DisposableStore();
    store.add({
      dispose: () => {
        throw new Error("stuck");
      },
    });
    store.add({ dispose: () => void seen.push("b") });
    assert.throws(
      () => store.dispose(),
      (reason: unknown) => reason instanceof AggregateError && reason.errors.length === 1,
    );
    assert.deepEqual(seen, ["b"]);
  });
});

describe("An emitter", () => {
  it("tells its listeners in the order they came, until they leave", () => {
    const emitter = new Emitter<number>();
    const seen: string[] = [];
    const first = emitter.event((n) => seen.push(`first ${n}`));
    emitter.event((n) => seen.push(`second ${n}`));
    emitter.fire(1);
    first.dispose();
    emitter.fire(2);
    assert.deepEqual(seen, ["first 1", "second 1", "second 2"]);
    assert.equal(emitter.listenerCount, 1);
  });

  it("counts a listener that is added twice as two", () => {
    const emitter = new Emitter<void>();
    let calls = 0;
    const listener = () => void calls++;
    const once = emitter.event(listener);
    emitter.event(listener);
    once.dispose();
    emitter.fire();
    assert.equal(calls, 1);
  });

  it("lets the others hear when one listener throws", () => {
    const failures: unknown[] = [];
    const emitter = new Emitter<void>((reason) => failures.push(reason));
    const stuck = new Error("stuck");
    const heard: string[] = [];
    emitter.event(() => {
      throw stuck;
    });
    emitter.event(() => heard.push("second"));
    emitter.fire();
    assert.deepEqual(failures, [stuck]);
    assert.deepEqual(heard, ["second"]);
  });

  it("may lose and gain listeners while it fires", () => {
    const emitter = new Emitter<void>();
    const seen: string[] = [];
    const leaving = emitter.event(() => {
      seen.push("leaves");
      leaving.dispose();
      emitter.event(() => seen.push("comes"));
    });
    emitter.fire();
    assert.deepEqual(seen, ["leaves"], "who comes during an event hears from the next one on");
    emitter.fire();
    assert.deepEqual(seen, ["leaves", "comes"]);
  });

  it("is silent after it was disposed", () => {
    const emitter = new Emitter<void>();
    emitter.event(() => assert.fail("nobody is left to hear"));
    emitter.dispose();
    emitter.fire();
    assert.equal(emitter.listenerCount, 0);
  });
});
