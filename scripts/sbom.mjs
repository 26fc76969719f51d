// The software bill of materials (CycloneDX 1.6): what is inside the package, from what esbuild says it has put in.

/**
 * The same content gives the same text: it has no date and no random number.
 * @param {{ name: string, version: string, license: string }} product
 * @param {readonly { name: string, version: string, license: string, text?: string }[]} parts
 */
export function sbom({ name, version, license }, parts) {
  const components = parts.map(component);
  const product = {
    type: "application",
    "bom-ref": `${name}@${version}`,
    name,
    version,
    licenses: [{ license: { id: license } }],
  };
  return `${JSON.stringify(
    {
      bomFormat: "CycloneDX",
      specVersion: "1.6",
      version: 1,
      metadata: { component: product },
      components,
      dependencies: [{ ref: product["bom-ref"], dependsOn: components.map((part) => part["bom-ref"]) }],
    },
    null,
    2,
  )}\n`;
}

function component({ name, version, license, text }) {
  const ref = `${name}@${version}`;
  const known = { type: "library", "bom-ref": ref, name, version, licenses: [{ license: { id: license } }] };
  // What was copied is no package that a scanner could look up.
  return text === undefined ? { ...known, purl: `pkg:npm/${name.replace("@", "%40")}@${version}` } : known;
}
