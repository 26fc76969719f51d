import assert from "node:assert/strict";
import fc from "fast-check";
import { bundles } from "../../../scripts/l10n.ts";
import { formatMoment, shortMoment } from "../../../src/shared/format.ts";
import { speak, textKey } from "../../../src/shared/l10n.ts";
import { LEAST_WAIT_MS, readSendTime, sendTimes } from "../../../src/shared/sendTimes.ts";

/** Local time, as people mean it. */
const local = (text: string) => new Date(text).getTime();
/** Has us speak a language as the package does. */
function spoken(language: string): void {
  const texts = bundles().get(language);
  const keyed = Object.entries(texts ?? {}).map(([text, words]) => [textKey(text), words]);
  speak(language, texts === undefined ? undefined : Object.fromEntries(keyed));
}

/** A Thursday. */
const noon = local("2026-11-26T12:34:56");

describe("Times to send a mail later", () => {
  const offered = (now: number) =>
    sendTimes(now).map(({ label, at }) => `${label}: ${formatMoment(at, now)}`);

  it("are this evening, tomorrow and Monday, by the clock on the wall", () => {
    assert.deepEqual(offered(noon), [
      "In 1 Hour: today at 13:35",
      "This Evening: today at 18:00",
      "Tomorrow Morning: tomorrow at 08:00",
      "Monday Morning: Monday at 08:00",
    ]);
  });

  it("leave out what is over, and what would be there twice", () => {
    assert.deepEqual(offered(local("2026-11-29T17:58:00")), [
      "In 1 Hour: today at 18:58",
      "Tomorrow Morning: tomorrow at 08:00",
    ]);
    assert.deepEqual(offered(local("2026-11-30T03:00:00")).at(-1), "Monday Morning: 7 Dec at 08:00");
  });

  it("are always far enough away", () =>
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4e12 }), (now) => {
        for (const { at } of sendTimes(now)) assert.ok(at - now >= LEAST_WAIT_MS);
      }),
    ));

  for (const [text, expected] of [
    ["2026-11-30 08:00", "2026-11-30T08:00"],
    [" 2026-12-1T9:05 ", "2026-12-01T09:05"],
    ["18:00", "2026-11-26T18:00"],
    ["8:00", "2026-11-27T08:00"],
    ["12:40", "2026-11-26T12:40"],
    ["tomorrow 9:00", "2026-11-27T09:00"],
    ["Today at 18:00", "2026-11-26T18:00"],
    ["thursday 18:00", "2026-11-26T18:00"],
    ["Thu 8:00", "2026-12-03T08:00"],
    ["30 Nov 8:00", "2026-11-30T08:00"],
    ["Nov 30, 8:00", "2026-11-30T08:00"],
    ["1 January 2027 08:00", "2027-01-01T08:00"],
  ] as const)
    it(`are read as they are typed: “${text}”`, () =>
      assert.deepEqual(readSendTime(text, noon), { at: local(expected) }));

  for (const [text, problem] of [
    ["soon", /Type a date and a time/],
    ["2026-11-30", /Type a date and a time/],
    ["2026-11-31 08:00", /no such day/],
    ["2026-13-01 08:00", /no such day/],
    ["25:00", /There is no time 25:00/],
    ["08:61", /There is no time 08:61/],
    ["2026-11-26 12:00", /time has passed/],
    ["today at 8:00", /time has passed/],
    ["tomorrow", /Type a date and a time/],
    ["tomorrow 25:00", /Type a date and a time/],
    // 12 January, or the first of December.
    ["12/1 8:00", /Type a date and a time/],
    ["12:36", /at least 3 minutes from now/],
  ] as const)
    it(`are not taken when they are none: “${text}”`, () => {
      const read = readSendTime(text, noon);
      assert.match("problem" in read ? read.problem : "", problem);
    });
});

describe("Times that are typed in another language", () => {
  afterEach(() => speak("en", undefined));

  for (const language of ["en", "de", "fr", "es", "ja", "zh-cn"])
    it(`are read as they are shown: ${language}`, () => {
      spoken(language);
      const today = new Date(noon);
      const [year, month, date] = [today.getFullYear(), today.getMonth(), today.getDate()];
      const minutes = fc.tuple(fc.integer({ min: 0, max: 364 }), fc.integer({ min: 0, max: 1439 }));
      fc.assert(
        fc.property(minutes, ([days, minute]) => {
          const at = new Date(year, month, date + days, 0, minute).getTime();
          fc.pre(at - noon >= LEAST_WAIT_MS);
          for (const shown of [formatMoment(at, noon), shortMoment(at, noon)])
            assert.deepEqual(readSendTime(shown, noon), { at }, shown);
        }),
        { numRuns: 20 },
      );
    });

  for (const [language, text, expected] of [
    ["de", "Morgen um 9:00", "2026-11-27T09:00"],
    ["de", "übermorgen 9:00", "2026-11-28T09:00"],
    ["de", "übermorgen um 9:00", "2026-11-28T09:00"],
    ["de", "Montag um 8:00", "2026-11-30T08:00"],
    ["de", "am Montag um 8:00", "2026-11-30T08:00"],
    ["de", "30. November um 8:00", "2026-11-30T08:00"],
    ["de", "Mo. 8:00", "2026-11-30T08:00"],
    ["de", "30.11. 8:00", "2026-11-30T08:00"],
    ["de", "1. Dezember 2026 8:00", "2026-12-01T08:00"],
    ["fr", "aujourd'hui 18:00", "2026-11-26T18:00"],
    ["fr", "lundi à 8:00", "2026-11-30T08:00"],
    ["es", "Mañana 9:00", "2026-11-27T09:00"],
    ["es", "lunes a las 8:00", "2026-11-30T08:00"],
    ["es", "el lunes a las 8:00", "2026-11-30T08:00"],
    ["es", "pasado mañana a las 8:00", "2026-11-28T08:00"],
    ["ja", "明日9:00", "2026-11-27T09:00"],
    ["ja", "11月30日 8:00", "2026-11-30T08:00"],
    ["zh-cn", "周一 8:00", "2026-11-30T08:00"],
    ["zh-cn", "2026-11-30 08:00", "2026-11-30T08:00"],
  ] as const)
    it(`are read: “${text}” (${language})`, () => {
      spoken(language);
      assert.deepEqual(readSendTime(text, noon), { at: local(expected) });
    });
});

describe("A moment in words", () => {
  for (const [at, expected] of [
    ["2026-11-26T18:00", "today at 18:00"],
    ["2026-11-27T00:00", "tomorrow at 00:00"],
    ["2026-11-28T09:05", "Saturday at 09:05"],
    ["2026-12-02T09:05", "Wednesday at 09:05"],
    ["2026-12-03T09:05", "3 Dec at 09:05"],
    ["2027-01-03T09:05", "3 Jan 2027 at 09:05"],
    ["2026-11-25T23:59", "yesterday at 23:59"],
    ["2026-11-20T08:00", "20 Nov at 08:00"],
  ] as const)
    it(`is ${expected}`, () => assert.equal(formatMoment(local(at), noon), expected));
});
