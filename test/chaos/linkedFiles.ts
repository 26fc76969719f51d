/** What the drive has in the end: one file and one link for each file that goes as one, and nothing beside them. */
import assert from "node:assert/strict";
import * as z from "zod";
import type { AttachmentRecord, DeliveryRecord } from "../../src/delivery/record/delivery.ts";
import { isFinished, linkEnding } from "../../src/delivery/record/queries.ts";
import type { Sandbox } from "../../src/sandbox/server.ts";
import type { Scene } from "./scene.ts";

const Item = z.object({
  id: z.string(),
  name: z.string(),
  file: z.object({ hashes: z.object({ sha256Hash: z.string().toLowerCase() }) }).optional(),
});
type Item = z.infer<typeof Item>;

/** One that its owner has given, and not what the owner has. */
const Permission = z.object({
  roles: z.array(z.string()),
  link: z.object({ webUrl: z.string() }).optional(),
  invitation: z.object({ email: z.string() }).optional(),
});

class Drive {
  readonly #url: string;
  readonly #headers: Record<string, string>;

  constructor({ graph }: Sandbox) {
    const token = graph.issueToken({ scopes: ["User.Read", "Files.ReadWrite"] });
    this.#url = `${graph.baseUrl}/v1.0/me/drive`;
    this.#headers = { authorization: `Bearer ${token}`, connection: "close" };
  }

  /** The files in our folder; each has one of its own. */
  async files(): Promise<Item[]> {
    const files: Item[] = [];
    for (const folder of await this.#list(Item, "root:/Freight%20Mail:/children"))
      files.push(...(await this.#list(Item, `items/${folder.id}/children`)));
    return files;
  }

  async shares(id: string) {
    const all = await this.#list(Permission, `items/${id}/permissions`);
    return all.filter(({ roles }) => !roles.includes("owner"));
  }

  async #list<T>(schema: z.ZodType<T>, path: string): Promise<T[]> {
    const answer = await fetch(`${this.#url}/${path}`, { headers: this.#headers });
    if (answer.status === 404) return [];
    return z.object({ value: z.array(schema) }).parse(await answer.json()).value;
  }
}

/** @param mails that there are in the end @throws AssertionError for what should be otherwise */
export async function assertLinks(scene: Scene, mails: readonly DeliveryRecord[]): Promise<void> {
  const { desk, ledger } = scene;
  const drive = new Drive(desk.sandbox);
  const files = new Map((await drive.files()).map((file) => [file.id, file]));
  const gone = ledger.ids.filter((id) => !mails.some((mail) => mail.id === id));
  // What has left stays open when its mail is taken out of the history.
  const kept = new Set(
    gone.filter((id) => !desk.witness.isOurs(id)).flatMap((id) => desk.witness.marksOf(id)),
  );
  for (const mail of mails)
    for (const attachment of mail.attachments) {
      const fileId = attachment.asLink ? attachment.session?.attachmentId : undefined;
      if (fileId == null) continue;
      const file = files.get(fileId);
      files.delete(fileId);
      if (attachment.unshared === "deleted") assert.equal(file, undefined, `${fileId} was deleted`);
      else if (attachment.status === "ready") await assertLink(scene, drive, mail, attachment, file);
    }
  const left = [...files.values()].filter(({ id }) => !kept.has(id)).map(({ id, name }) => `${name} ${id}`);
  assert.deepEqual(left, [], "files are left in the drive");
}

async function assertLink(
  scene: Scene,
  drive: Drive,
  mail: DeliveryRecord,
  attachment: AttachmentRecord,
  file: Item | undefined,
): Promise<void> {
  const { link, name, unshared, checkpoint } = attachment;
  assert.ok(file, `${name} of ${mail.id} is no longer in the drive`);
  const shares = await drive.shares(file.id);
  const urls = shares.flatMap((one) => one.link?.webUrl ?? []);
  const people = shares.flatMap(({ invitation }) => invitation?.email ?? []).sort();
  assert.ok(urls.length < 2, `${name} of ${mail.id} has ${urls.length} links`);
  assert.deepEqual(people, [...new Set(people)], `${name} of ${mail.id} is open to somebody twice`);
  if (!isFinished(mail) || linkEnding(mail, attachment) !== undefined) return;
  const sha256 = file.file?.hashes.sha256Hash ?? "";
  scene.agreements.assertAgreed(mail.id, sha256, name);
  assert.equal(sha256, checkpoint?.sha256);
  if (unshared !== null) return assert.deepEqual(shares, [], `${name} of ${mail.id} is still open`);
  assert.ok(link, `${name} of ${mail.id} went out without a link`);
  assert.deepEqual(people, link.people);
  assert.deepEqual(urls, link.audience === "recipients" ? [] : [link.url]);
  if (mail.phase !== "sent") return;
  for (const word of [sha256, link.url])
    assert.ok(
      scene.mailsOf(mail.id).some(({ text }) => text.includes(word)),
      `no mail ${mail.id} tells of ${name}`,
    );
}
