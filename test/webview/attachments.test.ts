import assert from "node:assert/strict";
import { PanelPage } from "./panelPage.ts";
import { attachment, emptyForm, hostNow, snapshot, steps } from "./snapshots.ts";

describe("the attachments", () => {
  let panel: PanelPage;

  beforeEach(async () => {
    // Three minutes off the host's clock: countdowns must not mind.
    panel = await PanelPage.open({ frozenAt: hostNow + 180_000 });
  });
  afterEach(async () => {
    assert.deepEqual(panel.faults, []);
    await panel.close();
  });

  const expiry = () => panel.page.getByRole("timer");

  it("show name, detail, status, pace and both counts of bytes", async () => {
    await panel.show(snapshot());
    const row = panel.page.getByRole("listitem").filter({ hasText: "big-file.bin" });
    for (const text of ["big-file.bin", "150 MB · Archive", "uploading 43%", "12.3 MB/s · 9 s left"])
      assert.equal(await row.getByText(text, { exact: true }).isVisible(), true, text);
    const bar = row.getByRole("progressbar", { name: "Upload of big-file.bin" });
    assert.equal(await bar.getAttribute("aria-valuenow"), "43");
    assert.equal(await bar.getAttribute("aria-valuetext"), "uploading 43%, 12.3 MB/s · 9 s left");
    const width = async (part: string) =>
      await bar.locator(part).evaluate((node) => {
        node.getAnimations().forEach((animation) => {
          animation.finish();
        });
        return Math.round((100 * node.clientWidth) / (node.parentElement?.clientWidth ?? 1));
      });
    assert.equal(await width(".accepted"), 43);
    assert.equal(await width(".handed"), 51);
  });

  it("have beside them why files are not among them, said once, until it was read", async () => {
    const refused = ["“empty.txt” is empty.", "“<img src=x>.txt” is gone."];
    await panel.show(snapshot({ refused: refused.slice(0, 1) }));
    await panel.show(snapshot({ refused }));
    const group = panel.page.getByRole("group", { name: "Not attached" });
    assert.deepEqual(await group.getByRole("listitem").allTextContents(), refused);
    assert.equal(await panel.page.getByRole("status").first().textContent(), refused[1]);
    await group.getByRole("button", { name: "Dismiss what was not attached" }).press("Enter");
    assert.deepEqual(await panel.posted(), [{ type: "dismissRefused" }]);
    await panel.show(snapshot());
    assert.equal(await group.isVisible(), false);
    assert.equal(await panel.focusedName(), "Add Files…");
    // A mail that is out says what is in it.
    await panel.show(snapshot({ refused, editable: false, phase: "sent" }));
    assert.equal(await group.isVisible(), false);
  });

  it("turn no sign while they wait for another try, and neither does the mail", async () => {
    const turning = () =>
      panel.page
        .locator('.steps [data-state="doing"] .icon, .headline > .icon')
        .evaluateAll((icons) =>
          icons.map((node) => [getComputedStyle(node).animationName, node.checkVisibility()]),
        );
    const file = attachment({ status: "sending", steps: steps("done", "done", "done", "doing") });
    const sending = { phase: "sending", editable: false } as const;
    await panel.show(snapshot({ ...sending, attachments: [file] }));
    assert.deepEqual(await turning(), [
      ["turn", true],
      ["turn", true],
    ]);
    await panel.show(snapshot({ ...sending, stuck: true, attachments: [{ ...file, waits: true }] }));
    assert.deepEqual(await turning(), [
      ["none", true],
      ["none", true],
    ]);
  });

  it("show the four steps by sign and by word", async () => {
    await panel.show(
      snapshot({ attachments: [attachment({ steps: steps("done", "failed", "todo", "todo") })] }),
    );
    const items = panel.page.getByRole("list", { name: "Steps" }).getByRole("listitem");
    assert.deepEqual(await items.allTextContents(), [
      "Create (done)",
      "Upload (failed)",
      "Complete (to do)",
      "Send (to do)",
    ]);
    const signs = await items.locator("path").evaluateAll((paths) => paths.map((p) => p.getAttribute("d")));
    assert.equal(new Set(signs).size, 3);
    await panel.show(snapshot());
    assert.equal(await items.nth(1).getAttribute("aria-current"), "step");
  });

  it("say which method they take, and why, and nothing where there is none", async () => {
    const method = panel.page.locator(".method");
    await panel.show(
      snapshot({ method: { label: "In the message", reason: "Google mailbox, up to 25 MB" } }),
    );
    assert.equal(await method.textContent(), "In the message · Google mailbox, up to 25 MB");
    await panel.page.setViewportSize({ width: 320, height: 700 });
    const overflow = await panel.page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    assert.equal(overflow, 0);
    await panel.show(snapshot({ attachments: [], method: null }));
    assert.equal(await method.isVisible(), false);
  });

  it("count down every second by the host's clock", async () => {
    await panel.show(snapshot({ attachments: [attachment({ expiresAt: hostNow + 601_000 })] }));
    assert.equal(await expiry().textContent(), "expires in 10:01");
    assert.equal(await expiry().getAttribute("data-near"), null);
    await panel.page.clock.runFor(1000);
    assert.equal(await expiry().textContent(), "expires in 10:00");
    await panel.page.clock.runFor(1000);
    assert.equal(await expiry().textContent(), "expires in 9:59");
    assert.equal(await expiry().getAttribute("data-near"), "true");
    assert.equal(await expiry().locator("svg").isVisible(), true);
    await panel.page.clock.runFor(599_000);
    assert.equal(await expiry().textContent(), "expired");
  });

  it("speak of hours and days while an expiry is far", async () => {
    await panel.show(snapshot({ attachments: [attachment({ expiresAt: hostNow + 72 * 3_600_000 })] }));
    assert.equal(await expiry().textContent(), "expires in 3 days");
  });

  it("are silent about an expiry that does not matter", async () => {
    await panel.show(snapshot({ attachments: [attachment({ expiresAt: null })] }));
    assert.equal(await expiry().isVisible(), false);
  });

  for (const [action, label] of [
    ["pause", "Pause"],
    ["resume", "Resume"],
    ["retry", "Retry"],
    ["cancel", "Cancel"],
    ["remove", "Remove"],
  ] as const)
    it(`offer ${label} only when the host does, and post it`, async () => {
      await panel.show(snapshot({ attachments: [attachment({ actions: [] })] }));
      const node = panel.page.getByRole("button", { name: `${label}: big-file.bin` });
      assert.equal(await node.isVisible(), false);
      await panel.show(snapshot({ attachments: [attachment({ actions: [action] })] }));
      await node.click();
      assert.deepEqual(await panel.posted(), [{ type: "attachment", attachmentId: "a1", action }]);
    });

  it("have one Retry, and both answers to a file that has changed in one box", async () => {
    const retry = { remedy: "retry", label: "Retry" } as const;
    const problem = { message: "Refused.", remedy: retry, requestId: null };
    await panel.show(
      snapshot({ attachments: [attachment({ status: "failed", problem, actions: ["retry"] })] }),
    );
    assert.equal(await panel.page.getByRole("button", { name: "Retry: big-file.bin" }).count(), 1);
    const changed = {
      ...problem,
      remedy: { remedy: "uploadNewVersion", label: "Upload the New Version" } as const,
    };
    await panel.show(
      snapshot({
        attachments: [attachment({ status: "failed", problem: changed, actions: ["keepVersion"] })],
      }),
    );
    assert.deepEqual(await panel.page.locator(".problem button:visible").allTextContents(), [
      "Upload the New Version",
      "Send as It Was",
    ]);
  });

  it("show a file that has changed as a question, not as a failure", async () => {
    const colours = () =>
      panel.page
        .locator('.attachment :is(.status, .steps > [data-state="failed"], .problem > .icon)')
        .evaluateAll((nodes) => [...new Set(nodes.map((node) => getComputedStyle(node).color))]);
    const shown = async (asks: boolean) => {
      const problem = { message: "…", remedy: null, requestId: null };
      const failed = steps("done", "failed", "todo", "todo");
      await panel.show(
        snapshot({ attachments: [attachment({ status: "failed", steps: failed, problem, asks })] }),
      );
      return colours();
    };
    const [failure, ...otherFailures] = await shown(false);
    const [question, ...otherQuestions] = await shown(true);
    assert.deepEqual([...otherFailures, ...otherQuestions], []);
    assert.notEqual(question, failure);
  });

  it("are opened with a click on their name", async () => {
    await panel.show(snapshot({ attachments: [attachment({ status: "ready" })] }));
    await panel.page.getByRole("button", { name: "Open big-file.bin" }).click();
    assert.deepEqual(await panel.posted(), [{ type: "openFile", attachmentId: "a1" }]);
  });

  it("keep the keyboard when the problem's button goes with the problem", async () => {
    const problem = {
      message: "The file changed.",
      remedy: { remedy: "uploadNewVersion", label: "Upload the New Version" } as const,
      requestId: null,
    };
    await panel.show(snapshot({ attachments: [attachment({ status: "failed", problem })] }));
    await panel.page.getByRole("button", { name: "Upload the New Version" }).focus();
    await panel.show(snapshot({ attachments: [attachment()] }));
    assert.notEqual(await panel.focusedName(), "");
    assert.ok(await panel.page.locator(".attachment button:focus").isVisible());
  });

  it("offer a problem's remedy", async () => {
    const problem = {
      message: "big-file.bin changed while it was uploaded.",
      remedy: { remedy: "uploadNewVersion" as const, label: "Upload the New Version" },
      requestId: "req-7",
    };
    await panel.show(snapshot({ attachments: [attachment({ status: "failed", problem })] }));
    assert.equal(await panel.page.getByText("Request ID req-7").isVisible(), true);
    await panel.page.getByRole("button", { name: "Upload the New Version" }).click();
    assert.deepEqual(await panel.posted(), [
      { type: "remedy", attachmentId: "a1", remedy: "uploadNewVersion" },
    ]);
    await panel.show(snapshot());
    assert.equal(await panel.page.getByText(problem.message).first().isVisible(), false);
  });

  it("ask for more files", async () => {
    await panel.show(snapshot({ attachments: [] }));
    assert.equal(await panel.page.getByText("No files yet").isVisible(), true);
    await panel.page.getByRole("button", { name: "Add Files…" }).click();
    assert.deepEqual(await panel.posted(), [{ type: "addFiles" }]);
  });

  describe("renaming", () => {
    const input = () => panel.page.getByLabel("File name in the mail");
    const open = async () => {
      await panel.show(snapshot());
      await panel.page.getByRole("button", { name: "Rename big-file.bin" }).click();
    };

    it("selects the name without its ending, and Enter saves", async () => {
      await open();
      await panel.page.keyboard.type("trace");
      await panel.page.keyboard.press("Enter");
      assert.deepEqual(await panel.posted(), [{ type: "rename", attachmentId: "a1", name: "trace.bin" }]);
      assert.equal(await panel.page.getByText("trace.bin", { exact: true }).isVisible(), true);
      await panel.show(snapshot({ attachments: [attachment({ name: "trace.bin" })] }));
      assert.equal(await panel.focusedName(), "Rename trace.bin");
    });

    it("is undone by Escape", async () => {
      await open();
      await panel.page.keyboard.type("trace");
      await panel.page.keyboard.press("Escape");
      assert.deepEqual(await panel.posted(), []);
      assert.equal(await panel.page.getByText("big-file.bin", { exact: true }).isVisible(), true);
      assert.equal(await panel.focusedName(), "Rename big-file.bin");
    });

    it("saves when the input is left", async () => {
      await open();
      await panel.page.keyboard.type("trace");
      await panel.page.getByLabel("Subject").click();
      assert.deepEqual(await panel.posted(), [{ type: "rename", attachmentId: "a1", name: "trace.bin" }]);
      assert.equal(await panel.focusedId(), "subject");
    });

    for (const text of ["big-file.bin", "   ", ""])
      it(`posts nothing for ${JSON.stringify(text)}`, async () => {
        await open();
        await input().fill(text);
        await input().press("Enter");
        assert.deepEqual(await panel.posted(), []);
      });

    it("goes on while snapshots stream", async () => {
      await open();
      await panel.page.keyboard.type("tra");
      await panel.show(snapshot({ attachments: [attachment({ acceptedBytes: 50 })] }));
      await panel.page.keyboard.type("ce");
      assert.equal(await input().inputValue(), "trace.bin");
    });

    it("ends when the host no longer allows it", async () => {
      await open();
      await panel.show(snapshot({ attachments: [attachment({ actions: ["cancel"] })] }));
      assert.equal(await input().isVisible(), false);
      assert.deepEqual(await panel.posted(), []);
    });

    it("is saved before the mail is sent with Ctrl+Enter", async () => {
      await panel.show(snapshot({ form: { ...emptyForm, to: "ada@contoso.example" } }));
      await panel.page.getByRole("button", { name: "Rename big-file.bin" }).click();
      await panel.page.keyboard.type("trace");
      await panel.page.keyboard.press("Control+Enter");
      assert.deepEqual(
        (await panel.posted()).map(({ type }) => type),
        ["rename", "send"],
      );
    });
  });

  describe("under a stream of snapshots", () => {
    it("keep their nodes and the focus", async () => {
      await panel.show(snapshot());
      const pause = panel.page.getByRole("button", { name: "Pause: big-file.bin" });
      await pause.focus();
      const handle = await pause.elementHandle();
      for (let accepted = 0; accepted <= 60; accepted += 1)
        await panel.show(
          snapshot({
            now: hostNow + accepted,
            attachments: [attachment({ acceptedBytes: accepted, statusText: `uploading ${accepted}%` })],
          }),
        );
      assert.equal(await handle?.evaluate((node) => node === document.activeElement), true);
    });

    it("touch nothing that stays the same", async () => {
      await panel.show(snapshot());
      const changes = await panel.page.evaluate(
        (view) =>
          new Promise<number>((resolve) => {
            let count = 0;
            const observer = new MutationObserver((records) => {
              count += records.length;
            });
            observer.observe(document.body, {
              subtree: true,
              childList: true,
              attributes: true,
              characterData: true,
            });
            // The later listener: the page has dealt with the snapshot by then.
            window.addEventListener("message", () => resolve(count + observer.takeRecords().length), {
              once: true,
            });
            window.postMessage({ type: "snapshot", snapshot: view }, "*");
          }),
        snapshot(),
      );
      assert.equal(changes, 0);
    });

    it("hand the focus from Pause to Resume", async () => {
      await panel.show(snapshot());
      await panel.page.getByRole("button", { name: "Pause: big-file.bin" }).press("Enter");
      await panel.show(
        snapshot({ attachments: [attachment({ status: "paused", actions: ["resume", "cancel"] })] }),
      );
      assert.equal(await panel.focusedName(), "Resume: big-file.bin");
    });

    it("hand the focus to a neighbour when one is removed, and to Add Files after the last", async () => {
      const one = attachment({ id: "a1", name: "one.bin", actions: ["remove"] });
      const two = attachment({ id: "a2", name: "two.bin", actions: ["remove"] });
      await panel.show(snapshot({ attachments: [one, two] }));
      await panel.page.getByRole("button", { name: "Remove: one.bin" }).press("Enter");
      await panel.show(snapshot({ attachments: [two] }));
      assert.equal(await panel.focusedName(), "Remove: two.bin");
      await panel.show(snapshot({ attachments: [] }));
      assert.equal(await panel.focusedName(), "Add Files…");
    });

    it("keep the host's order when files come and go", async () => {
      const files = ["one", "two", "three", "four"].map((name) => attachment({ id: name, name }));
      const [one, two, three, four] = files;
      assert(one && two && three && four);
      await panel.show(snapshot({ attachments: [one, three] }));
      await panel.show(snapshot({ attachments: [two, three, one, four] }));
      assert.deepEqual(await panel.page.locator(".file-name").allTextContents(), [
        "two",
        "three",
        "one",
        "four",
      ]);
      assert.equal(await panel.page.getByText("4 files · 400 bytes").isVisible(), true);
    });
  });

  it("can go another way where there is one, and the keyboard stays near when that is gone", async () => {
    await panel.show(snapshot({ otherMethod: { label: "Send in the Mail Instead", inMail: true } }));
    await panel.page.getByRole("button", { name: "Send in the Mail Instead" }).click();
    assert.deepEqual(await panel.posted(), [{ type: "chooseMethod", inMail: true }]);
    await panel.show(snapshot({ otherMethod: null }));
    const addFiles = panel.page.getByRole("button", { name: "Add Files…" });
    assert.equal(await addFiles.evaluate((node) => node === document.activeElement), true);
  });

  for (const width of [400, 560, 1000])
    it(`are headed by one line that ends with the button for more, however many there are: ${width} px`, async () => {
      await panel.page.setViewportSize({ width, height: 900 });
      const otherMethod = { label: "Send all of the files in the mail itself instead", inMail: true };
      const middle = (selector: string) =>
        panel.page.locator(selector).evaluate((node) => {
          const { top, bottom } = node.getBoundingClientRect();
          return Math.round((top + bottom) / 2);
        });
      for (const attachments of [[], [attachment()], [attachment(), attachment({ id: "a2" })]]) {
        await panel.show(snapshot({ attachments, otherMethod }));
        assert.equal(await middle("#attachments-title"), await middle(".section-head > .secondary"));
        const edge = (selector: string) =>
          panel.page.locator(selector).evaluate((node) => node.getBoundingClientRect().right);
        assert.equal(await edge(".section-head > .secondary"), await edge(".section-head"));
      }
    });
});
