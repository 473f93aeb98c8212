import fs from 'node:fs';
import path from 'node:path';
import { withContent } from '../with-content.ts';
import { type NodeModules, type NodeReader, nodeReader } from './node-reader.ts';

/** The Node modules and facts about this process that reading needs. */
export const nodeModules: NodeModules = { fs, path, isUnix: process.platform !== 'win32', withContent };

/** The functions that read the files of this machine. */
export const diskReader: NodeReader = nodeReader(nodeModules);
