import { foldBatchNorm } from '../onnx/rewrite/foldBatchNorm.ts';
import { foldIdentity } from '../onnx/rewrite/foldIdentity.ts';
import { foldShapes } from '../onnx/rewrite/foldShapes.ts';
import type { Pass } from '../onnx/rewrite/pass.ts';
import { upgradeOpset } from '../onnx/rewrite/upgradeOpset.ts';
import { zeroSubnormals } from '../onnx/rewrite/zeroSubnormals.ts';

/** What makes exporters' graphs alike once their inputs are fixed, before anything is recognised in them; all exact. */
export const BASIC_PASSES: readonly Pass[] = [foldShapes, foldIdentity, foldBatchNorm, upgradeOpset, zeroSubnormals];
