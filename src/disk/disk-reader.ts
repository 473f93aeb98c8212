import fs from 'node:fs';
import path from 'node:path';
import { withContent } from './content.ts';
import { type NodeModules, type NodeReader, nodeReader } from './node-reader.ts';

/** The modules of this process. */
export const nodeModules: NodeModules = { fs, path, isUnix: process.platform !== 'win32', withContent };

/** Reads files of this machine. */
export const diskReader: NodeReader = nodeReader(nodeModules);
