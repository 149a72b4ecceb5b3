// Whether onnxruntime computes of ONNX models what Rocket computed. Argument: the folder that write_exports wrote to.
// Ends with 77 where the package onnxruntime-node isn't found; NODE_PATH may say where it is.
"use strict";
const fs = require("fs");
const folder = process.argv[2];

let ort;
try {
  ort = require("onnxruntime-node");
} catch (error) {
  console.log("skipped: node finds no onnxruntime-node. In any folder: npm install --ignore-scripts onnxruntime-node");
  console.log("then here: NODE_PATH=THAT_FOLDER/node_modules ctest --test-dir build/release -R exports_onnxruntime");
  process.exit(77);
}

// What write_exports wrote: inputs and logits by name, each with the numbers of all samples.
function read(file) {
  const lines = fs.readFileSync(file, "utf8").trim().split("\n");
  const columns = [];
  while (lines[0].includes(" ") && !/^[-0-9]/.test(lines[0])) {
    const [name, kind, size] = lines.shift().split(" ");
    columns.push({ name, kind, size: Number(size), numbers: [] });
  }
  const count = Number(lines.shift());
  for (const line of lines) {
    const numbers = line.trim().split(" ").map(Number);
    for (const column of columns) column.numbers.push(...numbers.splice(0, column.size));
  }
  return { columns, count };
}

function tensor(column, shape) {
  if (column.kind === "rows") return new ort.Tensor("int64", BigInt64Array.from(column.numbers, BigInt), shape);
  return new ort.Tensor("float32", Float32Array.from(column.numbers), shape);
}

// The largest difference over the largest logit, all samples in one batch and the first one alone.
async function difference(name) {
  const { columns, count } = read(`${folder}/${name}.txt`);
  const session = await ort.InferenceSession.create(`${folder}/${name}.onnx`);
  const logits = columns.pop();
  const largest = Math.max(...logits.numbers.map(Math.abs));
  let worst = 0;
  for (const batch of [count, 1]) {
    const feeds = {};
    for (const column of columns) {
      const part = { ...column, numbers: column.numbers.slice(0, batch * column.size) };
      const shape = name === "convolutional" ? [batch, 9, 8, 3] : [batch, column.size];
      const input = session.inputNames.find((name) => name.replaceAll(" ", "_") === column.name);  // as written
      feeds[input] = tensor(part, shape);
    }
    const result = (await session.run(feeds)).logits;
    if (result.dims[0] !== batch || result.dims[1] !== logits.size) throw new Error(`${name}: dims ${result.dims}`);
    result.data.forEach((x, i) => {
      worst = Math.max(worst, Math.abs(x - logits.numbers[i]) / largest);  // NaN stays
    });
  }
  return worst;
}

(async () => {
  let sound = true;
  for (const name of ["dense", "convolutional", "ranking"]) {
    const worst = await difference(name);
    console.log(`${name}: largest difference ${worst.toExponential(1)} of the largest logit`);
    sound = sound && worst <= 1e-5;
  }
  process.exit(sound ? 0 : 1);
})().catch((error) => {
  console.error(error);
  process.exit(1);
});
