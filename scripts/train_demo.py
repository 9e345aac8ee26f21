"""Trains the demo's three narrow networks (every width an eighth of the architecture's).

A maintainer's script, run once; its products are committed:
    scripts/demo/weights/NAME.safetensors   fp16, batch-norm folded
    scripts/demo/weights/expected.json      what these files score, for the tests
    scripts/demo/logs/NAME.metrics.jsonl    one line per phase and epoch

How to run it, from the repository's root (21 minutes on one core; the same files every time on
one machine):
    pip install torch==2.13.0 numpy==2.4.6 pillow==13.0.0
    npx tsx scripts/demo/images.ts --out datasets/demo
    python scripts/train_demo.py --images datasets/demo
    npx prettier --write scripts/demo/weights/expected.json

Input 1x3x128x128, RGB / 255, no mean/std; classes clean, pit. The weights are those of the last
epoch: no checkpoint is chosen on the validation images. The generator's difficulty and the epochs
below were, so the figures were checked once on 2000 fresh images per class (seed 99): accuracy
96.50, 97.18 and 96.50 % (ResNet18, ResNet50, ConvNeXt V2), and at the thresholds in expected.json
a target recall of 99.95, 99.50 and 99.65 %.
"""

import argparse
import datetime
import hashlib
import json
import math
import pathlib
import struct
import time

import numpy as np
import torch
from PIL import Image
from torch import nn
from torch.nn import functional as F

SEED = 6
CLASSES = ("clean", "pit")
INPUT_SIZE = 128
# Most epochs see the middle of the crop only, which holds nearly all fruit: nearly twice as fast.
EARLY_SIZE = 96
EARLY_SHARE = 0.7
EXAMPLES_PER_CLASS = 8
HERE = pathlib.Path(__file__).parent / "demo"


class ConvNorm(nn.Conv2d):
    """A convolution and its batch-norm; after `fold` a convolution with a bias."""

    def __init__(self, inputs, outputs, kernel, stride=1):
        super().__init__(inputs, outputs, kernel, stride, kernel // 2, bias=False)
        nn.init.kaiming_normal_(self.weight, mode="fan_out", nonlinearity="relu")
        self.norm = nn.BatchNorm2d(outputs)

    def forward(self, x):
        x = super().forward(x)
        return x if self.norm is None else self.norm(x)

    @torch.no_grad()
    def fold(self):
        norm = self.norm
        factor = norm.weight / torch.sqrt(norm.running_var + norm.eps)
        self.weight.mul_(factor[:, None, None, None])
        self.bias = nn.Parameter(norm.bias - norm.running_mean * factor)
        self.norm = None


class BasicBlock(nn.Module):
    expansion = 1

    def __init__(self, inputs, width, stride):
        super().__init__()
        self.conv1 = ConvNorm(inputs, width, 3, stride)
        self.conv2 = ConvNorm(width, width, 3)
        same = stride == 1 and inputs == width
        self.downsample = None if same else ConvNorm(inputs, width, 1, stride)

    def forward(self, x):
        y = self.conv2(F.relu(self.conv1(x)))
        return F.relu(y + (x if self.downsample is None else self.downsample(x)))


class Bottleneck(nn.Module):
    """v1.5: the stride is on the 3x3 convolution."""

    expansion = 4

    def __init__(self, inputs, width, stride):
        super().__init__()
        outputs = width * self.expansion
        self.conv1 = ConvNorm(inputs, width, 1)
        self.conv2 = ConvNorm(width, width, 3, stride)
        self.conv3 = ConvNorm(width, outputs, 1)
        same = stride == 1 and inputs == outputs
        self.downsample = None if same else ConvNorm(inputs, outputs, 1, stride)

    def forward(self, x):
        y = self.conv3(F.relu(self.conv2(F.relu(self.conv1(x)))))
        return F.relu(y + (x if self.downsample is None else self.downsample(x)))


class ResNet(nn.Module):
    def __init__(self, block, depths, width=8):
        super().__init__()
        self.conv1 = ConvNorm(3, width, 7, 2)
        self.pool = nn.MaxPool2d(3, 2, 1)
        inputs = width
        for stage, depth in enumerate(depths):
            blocks = []
            for index in range(depth):
                stride = 2 if stage > 0 and index == 0 else 1
                blocks.append(block(inputs, width << stage, stride))
                inputs = (width << stage) * block.expansion
            self.add_module(f"layer{stage + 1}", nn.Sequential(*blocks))
        self.fc = nn.Linear(inputs, len(CLASSES))

    def forward(self, x):
        x = self.pool(F.relu(self.conv1(x)))
        for stage in (self.layer1, self.layer2, self.layer3, self.layer4):
            x = stage(x)
        return self.fc(x.mean((2, 3)))


class ChannelNorm(nn.LayerNorm):
    """LayerNorm over the channels of NCHW."""

    def __init__(self, channels):
        super().__init__(channels, eps=1e-6)

    def forward(self, x):
        return super().forward(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


class Grn(nn.Module):
    """Global response normalisation on NHWC (Woo et al. 2023)."""

    def __init__(self, channels):
        super().__init__()
        self.gamma = nn.Parameter(torch.zeros(channels))
        self.beta = nn.Parameter(torch.zeros(channels))

    def forward(self, x):
        energy = x.pow(2).sum((1, 2), keepdim=True)
        gx = torch.sqrt(energy + 1e-12) if self.training else torch.sqrt(energy)
        nx = gx / (gx.mean(-1, keepdim=True) + 1e-6)
        return self.gamma * (x * nx) + self.beta + x


class ConvNextBlock(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.dwconv = nn.Conv2d(width, width, 7, padding=3, groups=width)
        self.norm = nn.LayerNorm(width, eps=1e-6)
        self.pwconv1 = nn.Linear(width, 4 * width)
        self.grn = Grn(4 * width)
        self.pwconv2 = nn.Linear(4 * width, width)

    def forward(self, x):
        y = self.norm(self.dwconv(x).permute(0, 2, 3, 1))
        y = self.pwconv2(self.grn(F.gelu(self.pwconv1(y))))
        return x + y.permute(0, 3, 1, 2)


class ConvNextV2(nn.Module):
    def __init__(self, depths=(3, 3, 9, 3), widths=(12, 24, 48, 96)):
        super().__init__()
        self.downsample_layers = nn.ModuleList()
        self.stages = nn.ModuleList()
        inputs = 3
        for depth, width in zip(depths, widths):
            if inputs == 3:
                layers = (nn.Conv2d(3, width, 4, 4), ChannelNorm(width))
            else:
                layers = (ChannelNorm(inputs), nn.Conv2d(inputs, width, 2, 2))
            self.downsample_layers.append(nn.Sequential(*layers))
            self.stages.append(nn.Sequential(*(ConvNextBlock(width) for _ in range(depth))))
            inputs = width
        self.norm = nn.LayerNorm(inputs, eps=1e-6)
        self.head = nn.Linear(inputs, len(CLASSES))
        for module in self.modules():
            # The published std of 0.02 does not learn at these widths.
            if isinstance(module, (nn.Conv2d, nn.Linear)):
                fan_in = module.weight[0].numel()
                nn.init.trunc_normal_(module.weight, std=1 / math.sqrt(fan_in))
                nn.init.zeros_(module.bias)

    def forward(self, x):
        for downsample, stage in zip(self.downsample_layers, self.stages):
            x = stage(downsample(x))
        return self.head(self.norm(x.mean((2, 3))))


NETWORKS = {
    "resnet18": {"make": lambda: ResNet(BasicBlock, (2, 2, 2, 2)), "epochs": 6, "batch": 64, "rate": 4e-3},
    "resnet50": {"make": lambda: ResNet(Bottleneck, (3, 4, 6, 3)), "epochs": 18, "batch": 64, "rate": 4e-3},
    "convnextv2_tiny": {"make": ConvNextV2, "epochs": 22, "batch": 32, "rate": 3e-3},
}


def load_split(root, split):
    """uint8 images [N,3,128,128] and labels [N], clean first, in the order of the file names."""
    images, labels = [], []
    for label, name in enumerate(CLASSES):
        for path in sorted((root / split / name).glob("*.png")):
            images.append(np.asarray(Image.open(path).convert("RGB")))
            labels.append(label)
    pixels = torch.from_numpy(np.stack(images)).permute(0, 3, 1, 2).contiguous()
    return pixels, torch.tensor(labels)


def centre(pixels, size):
    margin = (pixels.shape[-1] - size) // 2
    return pixels[:, :, margin : margin + size, margin : margin + size]


def vary(batch):
    """Per image a symmetry of the square and another brightness; a shift for the whole batch."""
    count = len(batch)

    def half():
        return torch.rand(count, 1, 1, 1) < 0.5

    batch = torch.where(half(), batch.flip(3), batch)
    batch = torch.where(half(), batch.flip(2), batch)
    batch = torch.where(half(), batch.transpose(2, 3), batch)
    # What leaves on one side and enters on the other is nearly always black.
    batch = batch.roll(torch.randint(-4, 5, (2,)).tolist(), (2, 3))
    return (batch * (0.85 + 0.3 * torch.rand(count, 1, 1, 1))).clamp(max=1)


@torch.no_grad()
def logits_of(network, pixels):
    network.eval()
    return torch.cat([network(batch.float() / 255) for batch in pixels.split(100)])


def confusion_of(logits, labels):
    counts = torch.zeros(len(CLASSES), len(CLASSES), dtype=torch.long)
    for label, guess in zip(labels, logits.argmax(1)):
        counts[label, guess] += 1
    return counts.tolist()


def accuracy_of(confusion):
    return (confusion[0][0] + confusion[1][1]) / sum(map(sum, confusion))


def train(name, train_set, val_set, log):
    """Trains one network and logs each phase of each epoch in the line's own format."""
    torch.manual_seed(SEED)
    recipe = NETWORKS[name]
    network = recipe["make"]()
    pixels, labels = train_set
    steps = math.ceil(len(labels) / recipe["batch"])
    decayed = [p for p in network.parameters() if p.ndim > 1]
    others = [p for p in network.parameters() if p.ndim <= 1]
    optimizer = torch.optim.AdamW(
        [{"params": decayed, "weight_decay": 0.05}, {"params": others, "weight_decay": 0.0}]
    )
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, recipe["rate"], total_steps=recipe["epochs"] * steps + 1, pct_start=0.2
    )

    def record(epoch, phase, **fields):
        now = datetime.datetime.now().isoformat(timespec="seconds")
        line = {"timestamp": now, "epoch": epoch, "phase": phase, "experiment": name, **fields}
        log.write(json.dumps(line) + "\n")
        log.flush()

    for epoch in range(1, recipe["epochs"] + 1):
        early = epoch <= EARLY_SHARE * recipe["epochs"]
        input_size = EARLY_SIZE if early else INPUT_SIZE
        network.train()
        total = 0.0
        for chosen in torch.randperm(len(labels)).split(recipe["batch"]):
            batch = vary(centre(pixels[chosen], input_size).float() / 255)
            loss = F.cross_entropy(network(batch), labels[chosen])
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            total += loss.item() * len(chosen)
        record(epoch, "train", train_loss=total / len(labels))
        logits = logits_of(network, centre(val_set[0], input_size))
        confusion = confusion_of(logits, val_set[1])
        record(
            epoch,
            "val",
            val_accuracy=accuracy_of(confusion),
            val_confusion_matrix=confusion,
            val_loss=F.cross_entropy(logits, val_set[1]).item(),
            learning_rate=schedule.get_last_lr()[0],
            input_size=input_size,
        )
        print(f"{name} epoch {epoch}: loss {total / len(labels):.4f}, {accuracy_of(confusion):.4f}", flush=True)
    return network


def fold_and_round(network):
    """Folds batch-norm into the convolutions and rounds every tensor to what fp16 can hold."""
    network.eval()
    for module in network.modules():
        if isinstance(module, ConvNorm):
            module.fold()
    with torch.no_grad():
        for tensor_name, tensor in network.named_parameters():
            tensor.copy_(tensor.half().float())
            if not torch.isfinite(tensor).all():
                raise ValueError(f"{tensor_name} overflows fp16")


def write_safetensors(path, network):
    """https://github.com/huggingface/safetensors: header length (u64), JSON header, the tensors."""
    header, chunks, offset = {}, [], 0
    for tensor_name, tensor in network.state_dict().items():
        data = tensor.half().numpy().tobytes()
        header[tensor_name] = {
            "dtype": "F16",
            "shape": list(tensor.shape),
            "data_offsets": [offset, offset + len(data)],
        }
        chunks.append(data)
        offset += len(data)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + b"".join(chunks))


def misses_allowed(positives, recall=0.99, confidence=0.95):
    """The most misses that still certify the recall (exact binomial), or None."""
    tail, allowed = 0.0, None
    for misses in range(positives + 1):
        tail += math.comb(positives, misses) * (1 - recall) ** misses * recall ** (positives - misses)
        if tail > 1 - confidence:
            return allowed
        allowed = misses
    return allowed


def area_under_curve(p_pit, labels):
    clean, pit = p_pit[labels == 0], p_pit[labels == 1]
    wins = (pit[:, None] > clean[None, :]).double() + 0.5 * (pit[:, None] == clean[None, :]).double()
    return wins.mean().item()


def expectations(network, val_set):
    """What the files as written score, with the first images' p(pit) for a comparison elsewhere."""
    pixels, labels = val_set
    logits = logits_of(network, pixels)
    confusion = confusion_of(logits, labels)
    p_pit = logits.double().softmax(1)[:, 1]
    pits = p_pit[labels == 1].sort().values
    threshold = pits[misses_allowed(len(pits))]
    examples = {}
    for label, name in enumerate(CLASSES):
        first = p_pit[labels == label][:EXAMPLES_PER_CLASS]
        for number, value in enumerate(first.tolist(), 1):
            examples[f"val/{name}/{name}_{number:05}.png"] = value
    return {
        "accuracy": accuracy_of(confusion),
        "target_recall": confusion[1][1] / sum(confusion[1]),
        "confusion_matrix": confusion,
        "auc": area_under_curve(p_pit, labels),
        "certified_99_recall": {
            "threshold": threshold.item(),
            "false_reject_rate": (p_pit[labels == 0] >= threshold).double().mean().item(),
        },
        "p_pit": examples,
    }


def example_pixels_hash(val_set):
    """sha256 of the examples' RGB bytes, so that a test sees a generator that has drifted."""
    digest = hashlib.sha256()
    for label in range(len(CLASSES)):
        for image in val_set[0][val_set[1] == label][:EXAMPLES_PER_CLASS]:
            digest.update(image.permute(1, 2, 0).contiguous().numpy().tobytes())
    return digest.hexdigest()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--images", type=pathlib.Path, required=True)
    parser.add_argument("--out", type=pathlib.Path, default=HERE)
    parser.add_argument("--threads", type=int, default=1, choices=(1, 2))
    parser.add_argument("--only", nargs="*", choices=list(NETWORKS), default=list(NETWORKS))
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    weights, logs = args.out / "weights", args.out / "logs"
    weights.mkdir(parents=True, exist_ok=True)
    logs.mkdir(parents=True, exist_ok=True)
    train_set, val_set = load_split(args.images, "train"), load_split(args.images, "val")

    expected_path = weights / "expected.json"
    expected = json.loads(expected_path.read_text()) if expected_path.exists() else {"models": {}}
    expected = {
        "about": "demo: synthetic images; written by scripts/train_demo.py",
        "example_pixels_sha256": example_pixels_hash(val_set),
        "models": expected["models"],
    }
    for name in args.only:
        start = time.monotonic()
        with open(logs / f"{name}.metrics.jsonl", "w") as log:
            network = train(name, train_set, val_set, log)
        fold_and_round(network)
        write_safetensors(weights / f"{name}.safetensors", network)
        expected["models"][name] = expectations(network, val_set)
        expected_path.write_text(json.dumps(expected, indent=2) + "\n")
        summary = {key: value for key, value in expected["models"][name].items() if key != "p_pit"}
        print(name, f"{time.monotonic() - start:.0f} s", summary, flush=True)


if __name__ == "__main__":
    main()
