// node duckdb.mjs MODULES < script.json: runs its statements in DuckDB, then prints the
// rows of each query as one JSON object. Integers become numbers or strings.
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';

const { DuckDBInstance } = createRequire(process.argv[2] + '/')('@duckdb/node-api');
const { statements, queries } = JSON.parse(readFileSync(0, 'utf8'));
const connection = await (await DuckDBInstance.create(':memory:')).connect();
for (const sql of statements) await connection.run(sql);
const answers = {};
for (const [name, sql] of Object.entries(queries)) {
  try {
    const reader = await connection.runAndReadAll(sql);
    answers[name] = { rows: reader.getRowsJson() };
  } catch (fault) {
    answers[name] = { fault: String(fault).slice(0, 400) };
  }
}
console.log(JSON.stringify(answers));
