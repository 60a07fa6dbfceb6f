import 'reflect-metadata';
import { readFileSync, writeFileSync } from 'node:fs';
import { CONTROLLERS } from '../api.module.js';
import { openApiText } from './document.js';

/** Writes the description that the code gives to a file; with --check, only says whether the file has it. */
const [file = '', mode] = process.argv.slice(2);
const text = openApiText(CONTROLLERS);

if (mode !== '--check') writeFileSync(file, text);
else if (text !== readFileSync(file, 'utf8')) {
  process.stdout.write(`${file} is not what the code says: npm run openapi writes it.\n`);
  process.exitCode = 1;
}
