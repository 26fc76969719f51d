import assert from "node:assert/strict";
import { Turns } from "../../src/base/turns.ts";

describe("Turns", () => {
  /** Work that is over when it is told so. */
  function work(turns: Turns, line: string, name: string, told: string[]) {
    let end = () => {};
    let fail = (_reason: Error) => {};
    const ending = new Promise<void>((resolve, reject) => {
      end = resolve;
      fail = reject;
    });
    const turn = turns.take(line, async () => {
      told.push(`${name} begins`);
      await ending;
      told.push(`${name} ends`);
      return name;
    });
    return { turn, end, fail };
  }

  it("come one after another, in the order in which they were asked for", async () => {
    const told: string[] = [];
    const turns = new Turns();
    const [one, two, three] = ["one", "two", "three"].map((name) => work(turns, "a", name, told));
    three?.end();
    two?.end();
    one?.end();
    assert.deepEqual(await Promise.all([one?.turn, two?.turn, three?.turn]), ["one", "two", "three"]);
    const order = ["one begins", "one ends", "two begins", "two ends", "three begins", "three ends"];
    assert.deepEqual(told, order);
    // Who comes when the line is empty is not behind anybody.
    const four = work(turns, "a", "four", told);
    four.end();
    assert.equal(await four.turn, "four");
  });

  it("come behind the last one, also when others of the line are over", async () => {
    const told: string[] = [];
    const turns = new Turns();
    const one = work(turns, "a", "one", told);
    const two = work(turns, "a", "two", told);
    one.end();
    await one.turn;
    await turns.take("b", async () => {});
    const three = work(turns, "a", "three", told);
    three.end();
    await turns.take("b", async () => {});
    assert.deepEqual(told, ["one begins", "one ends", "two begins"]);
    two.end();
    await three.turn;
  });

  it("wait for nobody in another line", async () => {
    const told: string[] = [];
    const turns = new Turns();
    const slow = work(turns, "a", "slow", told);
    const quick = work(turns, "b", "quick", told);
    quick.end();
    assert.equal(await quick.turn, "quick");
    slow.end();
    await slow.turn;
  });

  it("go on behind one that has failed, of which only its asker is told", async () => {
    const told: string[] = [];
    const turns = new Turns();
    const one = work(turns, "a", "one", told);
    const two = work(turns, "a", "two", told);
    two.end();
    one.fail(new Error("of a test"));
    await assert.rejects(one.turn, /of a test/);
    assert.equal(await two.turn, "two");
  });

  it("are over when all of them are, also those that have failed", async () => {
    const told: string[] = [];
    const turns = new Turns();
    const one = work(turns, "a", "one", told);
    const two = work(turns, "b", "two", told);
    const over = turns.over().then(() => told.push("over"));
    one.fail(new Error("of a test"));
    await assert.rejects(one.turn);
    two.end();
    await over;
    assert.deepEqual(told, ["one begins", "two begins", "two ends", "over"]);
    await turns.over();
  });
});
