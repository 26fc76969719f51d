// Stands in for the unbuilt native module. The extension host polls its parent in JavaScript as well.
exports.start = () => {};
exports.exit = (code) => process.exit(code || 0);
