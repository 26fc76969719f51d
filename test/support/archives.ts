/** Archives for tests, written by hand: tar in its two ways of saying a long name, and the smallest zip. */

const BLOCK = 512;

function tarEntry(name: string, content: Buffer, type: string): Buffer {
  const header = Buffer.alloc(BLOCK);
  header.write(name.slice(0, 99), 0, "utf8");
  header.write("0000644\0", 100);
  header.write(`${content.length.toString(8).padStart(11, "0")}\0`, 124);
  header.write("        ", 148);
  header.write(type, 156);
  header.write("ustar\u000000", 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  const padding = Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK);
  return Buffer.concat([header, content, padding]);
}

/** @param long how names of more than a hundred letters are told */
export function tarOf(names: readonly string[], long: "gnu" | "pax" = "gnu"): Buffer {
  const content = Buffer.from("x".repeat(700));
  const entries = names.flatMap((name) => {
    if (name.length < 100) return [tarEntry(name, content, "0")];
    const line = ` path=${name}\n`;
    const length = line.length + String(line.length + 3).length;
    const told =
      long === "gnu"
        ? tarEntry("././@LongLink", Buffer.from(`${name}\0`), "L")
        : tarEntry("PaxHeader", Buffer.from(`${length}${line}`), "x");
    return [told, tarEntry(name, content, "0")];
  });
  return Buffer.concat([...entries, Buffer.alloc(2 * BLOCK)]);
}

export function zipOf(names: readonly string[]): Buffer {
  let offset = 0;
  const locals: Buffer[] = [];
  const records: Buffer[] = [];
  for (const name of names) {
    const path = Buffer.from(name);
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(path.length, 26);
    const record = Buffer.alloc(46);
    record.writeUInt32LE(0x02014b50, 0);
    record.writeUInt16LE(path.length, 28);
    record.writeUInt32LE(offset, 42);
    locals.push(local, path);
    records.push(record, path);
    offset += local.length + path.length;
  }
  const directory = Buffer.concat(records);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(names.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, directory, end]);
}
