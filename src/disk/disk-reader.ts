import fs from 'node:fs';
import path from 'node:path';
import { withContent } from '../with-content.ts';
import { type NodeModules, nodeReader } from './node-reader.ts';
import type { ReadingPort } from './reading-port.ts';

/** The Node modules and facts about this process that reading needs. */
export const nodeModules: NodeModules = { fs, path, isUnix: process.platform !== 'win32', withContent };

/** The functions that read the files of this machine. */
export const diskReader: ReadingPort = nodeReader(nodeModules);
