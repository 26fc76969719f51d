// Stands in for the unbuilt native logger; without it every log file and every output channel stays empty.
// The exports are written one by one: VS Code loads this with import(), which reads the names off the text.
const fs = require("node:fs");
const path = require("node:path");

const levels = ["trace", "debug", "info", "warning", "error", "critical"];

class Logger {
  constructor(_kind, _name, file, maxBytes = 0) {
    this.file = file;
    this.maxBytes = maxBytes;
    this.level = 2;
  }
  write(level, message) {
    if (level < this.level) return;
    try {
      if (this.maxBytes && fs.existsSync(this.file) && fs.statSync(this.file).size > this.maxBytes)
        fs.renameSync(this.file, `${this.file}.1`);
      const time = new Date().toISOString().replace("T", " ").slice(0, 23);
      fs.appendFileSync(this.file, this.plain ? message : `${time} [${levels[level]}] ${message}\n`);
    } catch {
      // A log line is not worth a failure: the folder may be gone while the server shuts down.
    }
  }
  getLevel() {
    return this.level;
  }
  setLevel(level) {
    this.level = level;
  }
  setPattern() {
    this.plain = false;
  }
  clearFormatters() {
    this.plain = true;
  }
  flush() {}
  drop() {}
}
levels.forEach((name, level) => {
  Logger.prototype[name === "warning" ? "warn" : name] = function (message) {
    this.write(level, message);
  };
});

async function make(name, file, maxBytes) {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.appendFileSync(file, "");
  return new Logger("", name, file, maxBytes);
}

exports.version = 0;
exports.setLevel = () => {};
exports.setFlushOn = () => {};
exports.Logger = Logger;
exports.createRotatingLogger = make;
exports.createAsyncRotatingLogger = make;
