import assert from "node:assert/strict";
import fc from "fast-check";
import { panelOffer, panelSnapshot } from "../../../../src/delivery/words/describe.ts";
import { changeOf, type Form, overtakes } from "../../../../src/shared/contract/form.ts";
import type { FromPanel, ToPanel } from "../../../../src/shared/contract/messages.ts";
import { type Offer, offers } from "../../../../src/shared/contract/offers.ts";
import { PageForm } from "../../../../src/ui/panel/pageForm.ts";
import { attachment, delivery, emptyForm, now } from "../../../support/records.ts";

const written = (revision: number, body: string): Form => ({ ...emptyForm, revision, body });

describe("The text that travels to a panel's page", () => {
  const bytes = (message: ToPanel) => Buffer.byteLength(JSON.stringify(message));
  const tick = (page: PageForm, form: Form, accepted: number) => {
    const mail = delivery({ form, attachments: [attachment({ status: "uploading", accepted })] });
    const toPost = page.toPost(mail.form);
    return bytes({
      type: "snapshot",
      snapshot: panelSnapshot(mail, { accounts: [], notice: null, now, form: toPost }),
    });
  };

  it("is none while a file uploads, however long the mail's text is", () => {
    const ticks = [0, 50_000, 1_000_000].map((length) => {
      const page = new PageForm();
      const form = written(3, "x".repeat(length));
      const first = tick(page, form, 100);
      assert.ok(first > length);
      return [tick(page, form, 200), tick(page, { ...form }, 300)];
    });
    const [short = []] = ticks;
    assert.deepEqual(ticks, [short, short, short]);
    assert.ok((short[0] ?? 0) < 2_000);
  });

  it("is none after a key: the page has it, and what was noted before it as well", () => {
    const page = new PageForm();
    page.toPost(written(3, "a"));
    page.told(written(4, "ab"));
    assert.equal(page.toPost(written(3, "a")), null, "the key is not noted yet");
    assert.equal(page.toPost(written(4, "ab")), null);
    page.told(written(5, "abc"));
    page.told(written(6, "abcd"));
    assert.equal(page.toPost(written(5, "abc")), null);
  });

  for (const [what, theirs] of [
    ["after", written(9, "theirs")],
    ["beside", written(4, "theirs")],
  ] as const)
    it(`is another window's that was written ${what} it`, () => {
      const page = new PageForm();
      page.toPost(written(3, ""));
      page.told(written(4, "mine"));
      assert.equal(page.toPost(theirs), theirs);
      assert.equal(page.toPost(theirs), null);
    });

  it("is the whole one for a page that has just loaded", () => {
    const page = new PageForm();
    const form = written(3, "a");
    page.toPost(form);
    page.forget();
    assert.equal(page.toPost(form), form);
  });

  it("is asked for where a key has changed one that the page has not told", () => {
    const page = new PageForm();
    const [first, second] = [written(4, "ab"), written(5, "abc")];
    const key = { type: "typed", change: changeOf(second, first) } as const;
    page.toPost(first);
    assert.equal(page.read(key), undefined, "what was posted may not have come");
    assert.deepEqual(page.read({ type: "edit", form: first }), { type: "edit", form: first });
    assert.deepEqual(page.read(key), { type: "edit", form: second });
    assert.equal(page.toPost(second), null);
    page.forget();
    const next = changeOf(written(6, "abcd"), second);
    assert.equal(page.read({ type: "typed", change: next }), undefined);
  });

  it("comes once more when it may have crossed a key", () => {
    const page = new PageForm();
    page.toPost(written(3, ""));
    const theirs = written(5, "theirs");
    page.toPost(theirs);
    page.told(written(4, "mine"));
    assert.equal(page.toPost(theirs), theirs);
    assert.equal(page.toPost(theirs), null);
  });

  it("is the page's own where another one has crossed it, and did not stay", () => {
    const page = new PageForm();
    const mine = written(5, "mine");
    page.toPost(written(5, "theirs"));
    page.told(mine);
    assert.equal(page.toPost(mine), mine);
  });

  /** A page as far as its text goes, and what is on its way to it and from it. */
  class Page {
    form: Form | undefined;
    readonly #toPage: (Form | null)[] = [];
    readonly #toHost: FromPanel[] = [{ type: "ready" }];
    /** See `Draft`. */
    #told: Form | undefined;

    post(form: Form | null): void {
      this.#toPage.push(form);
    }

    receive(): void {
      if (this.#toHost.some(({ type }) => type === "ready")) return;
      const form = this.#toPage.shift();
      if (form == null || (this.form !== undefined && !overtakes(form, this.form))) return;
      this.form = form;
      this.#told = undefined;
    }

    type(text: string): void {
      if (this.form === undefined) return;
      this.form = written(this.form.revision + 1, this.form.body + text);
      const { form } = this;
      this.#toHost.push(
        this.#told === undefined
          ? { type: "edit", form }
          : { type: "typed", change: changeOf(form, this.#told) },
      );
      this.#told = form;
    }

    hear(): FromPanel | undefined {
      const said = this.#toHost.shift();
      // What was meant for the page before this one counts as lost: the answer comes with everything.
      if (said?.type === "ready") this.#toPage.length = 0;
      return said;
    }

    /** What is on its way to the page is lost, what it has said is not. */
    reload(): void {
      this.form = undefined;
      this.#toPage.length = 0;
      this.#toHost.push({ type: "ready" });
    }
  }

  it("leaves a page with what it would show if all of it travelled each time, whatever crosses what", () => {
    const steps = fc.constantFrom(
      "key",
      "key",
      "hear",
      "hear",
      "refuse",
      "post",
      "receive",
      "theirs",
      "reload",
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(steps, fc.nat(2)), { maxLength: 80 }), (schedule) => {
        const feed = new PageForm();
        const [spared, told] = [new Page(), new Page()];
        let mail = written(1, "");
        const post = () => {
          spared.post(feed.toPost(mail));
          told.post(mail);
        };
        for (const [at, [step, by]] of schedule.entries()) {
          if (step === "key") for (const page of [spared, told]) page.type(String(at));
          else if (step === "hear" || step === "refuse") {
            const [said, same] = [spared.hear(), told.hear()];
            assert.deepEqual(said, same);
            if (said === undefined) continue;
            const intent = feed.read(said);
            assert.ok(intent, "a change of a form that the host does not know");
            if (intent.type === "ready") {
              feed.forget();
              post();
            } else if (intent.type === "edit" && step === "hear" && intent.form.revision > mail.revision)
              mail = intent.form;
          } else if (step === "post") post();
          else if (step === "receive") for (const page of [spared, told]) page.receive();
          else if (step === "theirs") mail = written(mail.revision + by - 1, `theirs ${by}`);
          else for (const page of [spared, told]) page.reload();
          assert.deepEqual(spared.form, told.form);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});

describe("What the page asks for", () => {
  const form = written(1, "");
  const asked = (intent: FromPanel) => {
    const parts: string[] = [];
    const shown = panelOffer(delivery(), { accounts: [], now });
    const offer = new Proxy<Offer>(shown, {
      get(target, part, self) {
        parts.push(String(part));
        return Reflect.get(target, part, self);
      },
    });
    offers(offer, intent);
    return parts;
  };

  for (const [intent, part] of [
    [{ type: "edit", form }, undefined],
    [{ type: "send", form }, undefined],
    [{ type: "areYouThere" }, undefined],
    [{ type: "peopleWanted" }, undefined],
    [{ type: "dropChunk", id: "a", offset: 0, bytes: new Uint8Array(1) }, "editable"],
    [{ type: "saveDraft", form }, "ways"],
    [{ type: "attachment", attachmentId: "file-1", action: "pause" }, "attachments"],
    [{ type: "remedy", remedy: "retry", attachmentId: null }, "problem"],
  ] as const)
    it(`has ${part ?? "nothing"} worked out for “${intent.type}”`, () =>
      assert.deepEqual(asked(intent), part === undefined ? [] : [part]));
});
