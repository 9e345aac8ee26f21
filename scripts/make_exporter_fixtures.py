"""Writes small ONNX files as PyTorch's exporters write them, for the tests of the rewriting passes.

A maintainer's script; its products are committed under test/fixtures/exporters/ (see the README
there). How to run it, from the repository's root (about a minute):
    pip install torch==2.13.0 torchvision==0.28.0 timm==1.0.31 onnx==1.23.2 onnxscript==0.7.2 onnxruntime==1.30.0
    python scripts/make_exporter_fixtures.py

Every network is tiny, but built as the original is: the same modules, tensor layouts and calls, so
that the exporters write the same operators. All weights are random from a seed, none is trivial
(no scale is 1, and no shift 0 but in the files named zerobiases), so that a pass that loses one
changes the outputs. Each file is run once in ONNX Runtime and must answer as PyTorch does.
"""

import pathlib
import re
import warnings

import numpy as np
import onnx
import onnxruntime
import torch
from timm.models.convnext import ConvNeXt
from torch import nn
from torch.nn import functional as F

SEED = 4
CLASSES = 2
INPUT_SIZE = 32
FOLDER = pathlib.Path(__file__).parent.parent / "test" / "fixtures" / "exporters"


class LayerNorm(nn.Module):
    """Over the last axis, or over axis 1 of NCHW written out by hand, as the ConvNeXt authors do."""

    def __init__(self, channels, channels_first=False):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))
        self.eps = 1e-6
        self.channels_first = channels_first

    def forward(self, x):
        if not self.channels_first:
            return F.layer_norm(x, self.weight.shape, self.weight, self.bias, self.eps)
        mean = x.mean(1, keepdim=True)
        variance = (x - mean).pow(2).mean(1, keepdim=True)
        x = (x - mean) / torch.sqrt(variance + self.eps)
        return self.weight[:, None, None] * x + self.bias[:, None, None]


class GRN(nn.Module):
    """Global response normalisation of NHWC as the ConvNeXt V2 authors write it."""

    def __init__(self, channels):
        super().__init__()
        self.gamma = nn.Parameter(torch.zeros(1, 1, 1, channels))
        self.beta = nn.Parameter(torch.zeros(1, 1, 1, channels))

    def forward(self, x):
        norm = torch.norm(x, p=2, dim=(1, 2), keepdim=True)
        relative = norm / (norm.mean(dim=-1, keepdim=True) + 1e-6)
        return self.gamma * (x * relative) + self.beta + x


class OfficialBlock(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.dwconv = nn.Conv2d(channels, channels, kernel_size=7, padding=3, groups=channels)
        self.norm = LayerNorm(channels)
        self.pwconv1 = nn.Linear(channels, 4 * channels)
        self.act = nn.GELU()
        self.grn = GRN(4 * channels)
        self.pwconv2 = nn.Linear(4 * channels, channels)

    def forward(self, x):
        shortcut = x
        x = self.dwconv(x).permute(0, 2, 3, 1)
        x = self.pwconv2(self.grn(self.act(self.pwconv1(self.norm(x)))))
        return shortcut + x.permute(0, 3, 1, 2)


class OfficialConvNeXtV2(nn.Module):
    """In the form of github.com/facebookresearch/ConvNeXt-V2, with two stages."""

    def __init__(self, depths=(1, 2), dims=(8, 16)):
        super().__init__()
        self.downsample_layers = nn.ModuleList(
            [
                nn.Sequential(nn.Conv2d(3, dims[0], kernel_size=4, stride=4), LayerNorm(dims[0], channels_first=True)),
                nn.Sequential(
                    LayerNorm(dims[0], channels_first=True), nn.Conv2d(dims[0], dims[1], kernel_size=2, stride=2)
                ),
            ]
        )
        self.stages = nn.ModuleList(
            nn.Sequential(*(OfficialBlock(channels) for _ in range(depth))) for depth, channels in zip(depths, dims)
        )
        self.norm = nn.LayerNorm(dims[-1], eps=1e-6)
        self.head = nn.Linear(dims[-1], CLASSES)

    def forward(self, x):
        for downsample, stage in zip(self.downsample_layers, self.stages):
            x = stage(downsample(x))
        return self.head(self.norm(x.mean([-2, -1])))


def timm_convnextv2(conv_mlp=False):
    """timm's ConvNeXt V2, which always has four stages."""
    return ConvNeXt(
        num_classes=CLASSES,
        depths=(1, 1, 1, 1),
        dims=(4, 4, 8, 8),
        ls_init_value=None,
        use_grn=True,
        conv_mlp=conv_mlp,
    )


def conv_bn(inputs, outputs, kernel, stride=1):
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, stride, padding=kernel // 2, bias=False), nn.BatchNorm2d(outputs)
    )


class ResNetBlock(nn.Module):
    """torchvision's BasicBlock, or its Bottleneck with the stride on the 3x3."""

    def __init__(self, inputs, width, stride, bottleneck):
        super().__init__()
        self.relu = nn.ReLU(inplace=True)
        outputs = 2 * width if bottleneck else width
        layers = (
            [conv_bn(inputs, width, 1), conv_bn(width, width, 3, stride), conv_bn(width, outputs, 1)]
            if bottleneck
            else [conv_bn(inputs, width, 3, stride), conv_bn(width, outputs, 3)]
        )
        self.layers = nn.ModuleList(layers)
        self.downsample = conv_bn(inputs, outputs, 1, stride) if stride > 1 or inputs != outputs else None

    def forward(self, x):
        identity = x if self.downsample is None else self.downsample(x)
        for layer in self.layers[:-1]:
            x = self.relu(layer(x))
        x = self.layers[-1](x)
        x += identity
        return self.relu(x)


class ResNet(nn.Module):
    """In the form of torchvision's, with two stages; a bottleneck widens twice, not four times."""

    def __init__(self, bottleneck):
        super().__init__()
        wide = 2 if bottleneck else 1
        self.views = bottleneck
        self.conv1 = nn.Conv2d(3, 8, 7, stride=2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(8)
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(3, stride=2, padding=1)
        self.layer1 = nn.Sequential(
            ResNetBlock(8, 8, 1, bottleneck), ResNetBlock(8 * wide, 8, 1, bottleneck)
        )
        self.layer2 = nn.Sequential(ResNetBlock(8 * wide, 12, 2, bottleneck))
        self.avgpool = nn.AdaptiveAvgPool2d((1, 1))
        self.fc = nn.Linear(12 * wide, CLASSES)

    def forward(self, x):
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        x = self.avgpool(self.layer2(self.layer1(x)))
        # Older code flattens by the batch it finds, which exporters write as operators on shapes.
        return self.fc(x.view(x.size(0), -1) if self.views else torch.flatten(x, 1))


NETWORKS = {
    "convnextv2-official": OfficialConvNeXtV2,
    "convnextv2-timm": timm_convnextv2,
    "convnextv2-timm-convmlp": lambda: timm_convnextv2(conv_mlp=True),
    "resnet-basic": lambda: ResNet(bottleneck=False),
    "resnet-bottleneck": lambda: ResNet(bottleneck=True),
}

# network, exporter, opset, batch, and what sets the file apart:
#   batchnorm    batch-norm stays an operator of its own
#   zerobiases   biases are 0 as before training; exporters store equal tensors once
FILES = [
    ("convnextv2-official", "torchscript", 16, "fixed", None),
    ("convnextv2-official", "torchscript", 17, "dynamic", None),
    ("convnextv2-official", "torchscript", 20, "fixed", None),
    ("convnextv2-official", "dynamo", 18, "dynamic", None),
    ("convnextv2-official", "dynamo", 20, "fixed", None),
    ("convnextv2-official", "dynamo", 21, "dynamic", None),
    ("convnextv2-official", "torchscript", 18, "dynamic", "zerobiases"),
    ("convnextv2-official", "dynamo", 20, "dynamic", "zerobiases"),
    ("convnextv2-timm", "torchscript", 16, "dynamic", None),
    ("convnextv2-timm", "torchscript", 18, "fixed", None),
    ("convnextv2-timm", "dynamo", 20, "dynamic", None),
    ("convnextv2-timm-convmlp", "torchscript", 17, "fixed", None),
    ("convnextv2-timm-convmlp", "dynamo", 21, "fixed", None),
    ("resnet-basic", "torchscript", 17, "dynamic", "batchnorm"),
    ("resnet-basic", "torchscript", 18, "fixed", None),
    ("resnet-basic", "dynamo", 20, "dynamic", "batchnorm"),
    ("resnet-bottleneck", "torchscript", 20, "dynamic", "batchnorm"),
    ("resnet-bottleneck", "dynamo", 18, "fixed", None),
]


def randomise(module, zero_biases):
    """Random weights that keep activations alive: He's variance, and norms and GRN far from trivial."""
    generator = torch.Generator().manual_seed(SEED)

    def uniform(tensor, low, high):
        with torch.no_grad():
            tensor.copy_(torch.rand(tensor.shape, generator=generator) * (high - low) + low)

    for owner in module.modules():
        name = type(owner).__name__
        for key, tensor in [*owner.named_parameters(recurse=False), *owner.named_buffers(recurse=False)]:
            if key == "num_batches_tracked":
                continue
            if key == "bias" and zero_biases:
                nn.init.zeros_(tensor)
                continue
            if key == "running_var":
                uniform(tensor, 0.3, 3)
            elif key in ("gamma", "beta") or name == "GlobalResponseNorm":
                uniform(tensor, -1, 1)
            elif key == "weight" and tensor.dim() == 1:
                uniform(tensor, 0.5, 1.5)
            elif tensor.dim() == 1:
                uniform(tensor, -0.5, 0.5)
            else:
                bound = (6 / tensor[0].numel()) ** 0.5
                uniform(tensor, -bound, bound)


def export(module, path, exporter, opset, batch, keep_batch_norm):
    x = torch.rand(2 if batch == "dynamic" else 1, 3, INPUT_SIZE, INPUT_SIZE)
    names = {"input_names": ["input"], "output_names": ["logits"]}
    if exporter == "torchscript":
        torch.onnx.export(
            module,
            (x,),
            path,
            dynamo=False,
            opset_version=opset,
            dynamic_axes={"input": {0: "batch"}, "logits": {0: "batch"}} if batch == "dynamic" else None,
            # In the mode EVAL the exporter folds batch-norm, whatever do_constant_folding says.
            training=torch.onnx.TrainingMode.PRESERVE if keep_batch_norm else torch.onnx.TrainingMode.EVAL,
            do_constant_folding=not keep_batch_norm,
            **names,
        )
    else:
        torch.onnx.export(
            module,
            (x,),
            path,
            dynamo=True,
            opset_version=opset,
            external_data=False,
            optimize=not keep_batch_norm,
            dynamic_shapes=({0: torch.export.Dim("batch")},) if batch == "dynamic" else None,
            **names,
        )


def forget_origins(path):
    """Removes source lines and stack traces, which hold paths of this machine and most of the bytes."""
    model = onnx.load(path)
    for entry in [*model.graph.node, *model.graph.value_info, *model.graph.input, *model.graph.output, model.graph]:
        del entry.metadata_props[:]
        entry.doc_string = ""
    onnx.save(model, path)
    return model


def check(module, model, path, opset, keep_batch_norm):
    version = next(entry.version for entry in model.opset_import if entry.domain == "")
    assert version == opset, f"{path.name} has opset {version}"
    has_batch_norm = any(node.op_type == "BatchNormalization" for node in model.graph.node)
    assert has_batch_norm == keep_batch_norm, f"{path.name} has batch-norm: {has_batch_norm}"
    assert path.stat().st_size <= 60_000, f"{path.name} has {path.stat().st_size} bytes"
    x = torch.rand(1, 3, INPUT_SIZE, INPUT_SIZE, generator=torch.Generator().manual_seed(SEED))
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    (answer,) = session.run(None, {"input": x.numpy()})
    with torch.no_grad():
        wanted = module(x).numpy()
    np.testing.assert_allclose(answer, wanted, rtol=1e-3, atol=1e-4)
    return wanted


def main():
    warnings.filterwarnings("ignore")
    FOLDER.mkdir(parents=True, exist_ok=True)
    for network, exporter, opset, batch, trait in FILES:
        keep_batch_norm = trait == "batchnorm"
        module = NETWORKS[network]().eval()
        randomise(module, zero_biases=trait == "zerobiases")
        path = FOLDER / f"{network}.{exporter}.opset{opset}.{batch}{f'.{trait}' if trait else ''}.onnx"
        export(module, path, exporter, opset, batch, keep_batch_norm)
        model = forget_origins(path)
        logits = check(module, model, path, opset, keep_batch_norm)
        operators = re.sub(r"[^A-Za-z0-9 ]", "", " ".join(sorted({node.op_type for node in model.graph.node})))
        print(f"{path.name}: {path.stat().st_size} bytes, {len(model.graph.node)} nodes, {logits[0]}, {operators}")


if __name__ == "__main__":
    main()
