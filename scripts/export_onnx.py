"""Exports a trained torchvision or timm classifier to ONNX, with its model card and a golden pair.

For the workstation with PyTorch; docs/exporting.md explains the files. For example:
    pip install torch==2.13.0 torchvision==0.28.0 timm==1.0.31 onnx==1.23.2 onnxscript==0.7.2 onnxruntime==1.30.0
    python scripts/export_onnx.py --arch resnet18 --checkpoint runs/best.pt --classes clean pit \\
        --input-size 128 --trained-input-size 128 --scale 1/255 --out models/resnet18.onnx

Writes, all or nothing:
    models/resnet18.onnx          float32, input `input` [1, 3, height, width], output `logits` [1, classes]
    models/resnet18.model.yaml    the model card
    models/resnet18.golden.json   an input and PyTorch's answer, which `beltbench inspect` verifies

Exit codes: 0 written; 1 ONNX Runtime answers otherwise than PyTorch, nothing written; 2 your mistake.
"""

import argparse
import base64
import contextlib
import datetime
import hashlib
import importlib
import io
import json
import logging
import math
import os
import pathlib
import re
import sys
import tempfile
import unicodedata
import warnings

# What `inspect` reads of a golden pair is bounded (src/cli/inspect/goldenPair.ts); so is what it accepts.
MOST_PIXELS = 2_000_000
MOST_TOLERANCE = 0.1
# Protobuf's limit for one file.
MOST_MODEL_BYTES = 2_000_000_000
SMALLEST_NORMAL = 2.0**-126
SEED = 4
# Where training scripts keep the weights in a checkpoint, the usual names first.
WRAPPERS = ("state_dict", "model_state_dict", "model", "net", "network")
# What DataParallel, torch.compile and Lightning put before every name.
PREFIXES = ("module.", "_orig_mod.", "model.", "net.", "network.")
MOST_TOLD = 3


class Refused(Exception):
    """A mistake of the user's, in one line."""


class Differs(Exception):
    """The exported file does not answer as PyTorch does."""


class Parser(argparse.ArgumentParser):
    def error(self, message):
        raise Refused(f"{message}; see --help")


def parse_arguments(argv):
    parser = Parser(
        prog="export_onnx.py", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--arch", required=True, help="the library's name for the architecture: resnet18, convnextv2_tiny, ...")
    add("--library", choices=["torchvision", "timm"], default="torchvision")
    add("--checkpoint", required=True, type=pathlib.Path, help="state dict, full checkpoint or .safetensors")
    add("--key", help="where the weights lie in the checkpoint, such as model_ema; by default the usual places")
    add("--classes", required=True, nargs="+", metavar="NAME", help="the study's class names, in output order")
    add("--input-size", required=True, nargs="+", type=int, metavar="PIXELS", help="one side, or height and width")
    add("--trained-input-size", nargs="+", type=int, metavar="PIXELS", help="left out: unknown, which reports ask for")
    add("--scale", type=scale_of, help="factor on the pixels 0..255, such as 1/255 or 1; left out: unknown")
    add("--mean", nargs=3, type=float, metavar="M", help="subtracted after scaling, per channel")
    add("--std", nargs=3, type=float, metavar="S", help="divides after that, per channel")
    add("--resize", choices=["none", "stretch", "shorter_side", "letterbox"], help="left out: the study's")
    add("--resize-to", type=int, metavar="PIXELS", help="for --resize shorter_side: its length before the crop")
    add("--crop", choices=["none", "center"])
    add("--interpolation", choices=["nearest", "linear", "cubic", "lanczos3"])
    add("--channel-order", choices=["rgb", "bgr"])
    add("--exporter", choices=["dynamo", "torchscript"], default="dynamo")
    add("--opset", type=int, default=20, help="17 to 21 (default 20; below 20 every GELU is written out)")
    add("--tolerance", type=float, default=1e-4, help="largest absolute difference of a logit (default 1e-4)")
    add("--out", required=True, type=pathlib.Path, metavar="NAME.onnx")
    add("--force", action="store_true", help="replace the files that exist, the card too")
    args = parser.parse_args(argv)
    check_arguments(args)
    return args


def scale_of(text):
    """As the card writes it: a number, or the text of a fraction."""
    if re.fullmatch(r"1/[1-9][0-9]{0,4}", text):
        return text
    with contextlib.suppress(ValueError):
        if 0 < float(text) < math.inf:
            return float(text)
    raise argparse.ArgumentTypeError(f"must be a positive number or a fraction such as 1/255, received {text!r}")


def check_arguments(args):
    """What the model card's schema would refuse later, on the line PC."""
    out = args.out
    if out.suffix != ".onnx":
        raise Refused(f"--out must end in .onnx, received {out}")
    if not out.parent.is_dir():
        raise Refused(f"there is no folder {out.parent}; create it, or name another --out")
    existing = [path.name for path in files_of(out).values() if path.exists()]
    if existing and not args.force:
        raise Refused(f"{', '.join(existing)} exists in {out.parent}; name another --out, or add --force")
    for name in [*args.classes, out.name]:
        if not 0 < len(name) <= 100 or any(unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp") for c in name):
            raise Refused(f"a name has 1 to 100 printable characters, received {name!r}")
    if not 2 <= len(set(args.classes)) == len(args.classes) <= 100:
        raise Refused(f"--classes needs 2 to 100 different names, received {' '.join(args.classes)}")
    if args.trained_input_size is not None:
        size_of("--trained-input-size", args.trained_input_size)
    height, width = size_of("--input-size", args.input_size)
    if height * width > MOST_PIXELS:
        raise Refused(f"--input-size may have {MOST_PIXELS} pixels, received {height}x{width}")
    shorter = [args.resize == "shorter_side", args.resize_to is not None]
    if any(shorter) and not (all(shorter) and args.crop == "center"):
        raise Refused("--resize shorter_side, --resize-to PIXELS and --crop center go together; give all three")
    if args.resize_to is not None and not min(height, width) <= args.resize_to <= 8192:
        raise Refused(f"--resize-to must be {min(height, width)} (the crop) to 8192 pixels, received {args.resize_to}")
    brightest = 255 * factor_of(args.scale)
    if args.scale is not None and any(mean > brightest * (1 + 1e-9) for mean in args.mean or []):
        raise Refused(f"--mean is subtracted after scaling, where pixels reach {brightest:g}; received {args.mean}")
    if not all(map(math.isfinite, args.mean or [])) or not all(0 < std < math.inf for std in args.std or []):
        raise Refused(f"--mean must be numbers and --std positive ones, received {args.mean} and {args.std}")
    if not 17 <= args.opset <= 21:
        raise Refused(f"--opset must be 17 to 21, received {args.opset}")
    if not 0 < args.tolerance <= MOST_TOLERANCE:
        raise Refused(f"--tolerance must be above 0 and at most {MOST_TOLERANCE}, received {args.tolerance}")


def size_of(option, sizes):
    """Height and width of one or two numbers."""
    if len(sizes) > 2 or any(not 1 <= size <= 8192 for size in sizes):
        raise Refused(f"{option} needs one or two sizes of 1 to 8192 pixels, received {' '.join(map(str, sizes))}")
    return (sizes[0], sizes[-1])


def factor_of(scale):
    """The number; where nobody said it, the one that beltbench assumes, too."""
    if scale is None:
        return 1 / 255
    return scale if isinstance(scale, float) else 1 / int(scale.removeprefix("1/"))


def files_of(out):
    stem = out.name.removesuffix(".onnx")
    return {
        "model": out,
        "card": out.with_name(f"{stem}.model.yaml"),
        "golden": out.with_name(f"{stem}.golden.json"),
    }


def load(name, way_out):
    """Imports a package, or says in one line why it cannot be."""
    try:
        return importlib.import_module(name)
    except Exception as error:  # A package of another build fails in any way it likes.
        raise Refused(f"{name} cannot be loaded: {one_line(error)}; {way_out}") from error


def load_timm():
    """
    Imports timm, also beside a torchvision that was built for another torch. Such a one stops at its
    operators for detection, of which a classifier needs none: their names will do.
    """
    import torch

    try:
        importlib.import_module("torchvision")
    except Exception as error:
        if "operator torchvision::" in str(error):
            for name in [name for name in sys.modules if name.partition(".")[0] == "torchvision"]:
                del sys.modules[name]
            for name in ("nms", "qnms"):
                torch.library.define(f"torchvision::{name}", "(Tensor boxes, Tensor scores, float least) -> Tensor")
    return load("timm", "install it, and the torchvision built for this torch")


def build(args):
    """The architecture with a head for the classes, its weights still random."""
    count = len(args.classes)
    if args.library == "timm":
        create, untrained = load_timm().create_model, {"pretrained": False}
    else:
        torchvision = load("torchvision", "install the torchvision built for this torch, or add --library timm")
        create, untrained = torchvision.models.get_model, {"weights": None}
    try:
        return create(args.arch, num_classes=count, **untrained).eval()
    except Exception as error:
        raise Refused(
            f"{args.library} cannot make {args.arch} for {count} classes: {one_line(error)}; "
            "correct --arch or --library"
        ) from error


def read_checkpoint(path, key):
    """The tensors of a checkpoint by name, wherever it keeps them."""
    import torch

    content = read_weights_only(path)
    if key is not None:
        if not isinstance(content, dict) or key not in content:
            raise Refused(f"{path} has no key {key!r}; it holds {keys_of(content)}")
        content = content[key]
    while isinstance(content, dict):
        wrapper = next((name for name in WRAPPERS if isinstance(content.get(name), dict)), None)
        if wrapper is None:
            break
        averages = [name for name, value in content.items() if "ema" in str(name) and isinstance(value, dict)]
        if averages and key is None:
            print(f"note: taking {wrapper!r}; --key {averages[0]} takes the averaged weights", file=sys.stderr)
        content = content[wrapper]
    tensors = content.items() if isinstance(content, dict) else []
    tensors = {str(name): value for name, value in tensors if torch.is_tensor(value)}
    if not tensors:
        raise Refused(
            f"{path} holds no weights, neither bare nor in {', '.join(WRAPPERS)}; "
            f"it holds {keys_of(content)}: name where with --key"
        )
    return without_prefixes(tensors)


def read_weights_only(path):
    """What a checkpoint holds; nothing in it is executed."""
    import numpy
    import torch

    if not path.is_file():
        raise Refused(f"there is no file {path}; name the checkpoint")
    # What training scripts keep beside the weights: their arguments, and scores as numpy's numbers.
    scalar = numpy.float64(0).__reduce__()[0]
    data = [argparse.Namespace, pathlib.PosixPath, numpy.dtype, scalar, (scalar, "numpy.core.multiarray.scalar")]
    data += [type(numpy.dtype(name)) for name in ("float32", "float64", "int64")]
    try:
        if path.suffix == ".safetensors":
            return importlib.import_module("safetensors.torch").load_file(path)
        with torch.serialization.safe_globals(data):
            return torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:
        raise Refused(
            f"{path} cannot be read as weights: {why_unreadable(path, error)}; "
            "save model.state_dict() with torch.save, and export that"
        ) from error


def why_unreadable(path, error):
    """torch's own words advise to execute what stands in the file."""
    import torch

    if "Weights only load failed" not in str(error):
        return one_line(error)
    try:
        return f"it holds code ({some_of(torch.serialization.get_unsafe_globals_in_checkpoint(path))})"
    except Exception:  # Nothing that torch wrote.
        return "it is no checkpoint of torch's"


def without_prefixes(tensors):
    for prefix in PREFIXES:
        if all(name.startswith(prefix) for name in tensors):
            return without_prefixes({name.removeprefix(prefix): value for name, value in tensors.items()})
    return tensors


def keys_of(content):
    if not isinstance(content, dict):
        return f"a {type(content).__name__}"
    return some_of([repr(name)[:60] for name in content]) or "nothing"


def load_weights(model, args):
    """Loads every weight of the network, or refuses: a network half trained and half random still answers."""
    wanted = model.state_dict()
    state = read_checkpoint(args.checkpoint, args.key)
    if args.library == "timm" and not set(wanted) <= set(state):
        state = mapped_by_timm(model, state, args.arch)
    # A counter of batch-norm's that older checkpoints lack and inference does not read.
    missing = [name for name in wanted if name not in state and not name.endswith("num_batches_tracked")]
    strange = [name for name in state if name not in wanted]
    resized = [
        f"{name} is {list(state[name].shape)} and must be {list(wanted[name].shape)}"
        for name in wanted
        if name in state and state[name].shape != wanted[name].shape
    ]
    faults = [("it lacks", missing), ("it has besides", strange), ("of another size:", resized)]
    told = [f"{what} {some_of(names)}" for what, names in faults if names]
    if told:
        raise Refused(
            f"{args.checkpoint} does not fit {args.library}'s {args.arch} with {len(args.classes)} classes: "
            f"{'; '.join(told)}; correct --arch, --library, --classes or --key"
        )
    model.load_state_dict(state, strict=False)


def some_of(names):
    more = len(names) - MOST_TOLD
    return ", ".join(names[:MOST_TOLD]) + (f" and {more} more" if more > 0 else "")


def mapped_by_timm(model, state, arch):
    """Weights in the layout of the architecture's authors, such as ConvNeXt V2's, under timm's names."""
    import timm

    module = sys.modules[timm.models.model_entrypoint(arch).__module__]
    try:
        return module.checkpoint_filter_fn(state, model)
    except Exception:  # No such function, or a layout that it does not know; what does not fit is told by name.
        return state


def export(model, args, path):
    import onnx
    import torch

    height, width = size_of("--input-size", args.input_size)
    dynamo = args.exporter == "dynamo"
    other = "torchscript" if dynamo else "dynamo"
    try:
        # The exporters' progress is no result.
        with contextlib.redirect_stdout(io.StringIO()):
            torch.onnx.export(
                model,
                (torch.zeros(1, 3, height, width),),
                str(path),
                opset_version=args.opset,
                input_names=["input"],
                output_names=["logits"],
                dynamo=dynamo,
                **({"external_data": False} if dynamo else {}),
            )
    except Exception as error:
        raise Refused(
            f"the {args.exporter} exporter cannot export {args.arch}: {one_line(error)}; try --exporter {other}"
        ) from error
    exported = onnx.load(path)
    opset = next(entry.version for entry in exported.opset_import if entry.domain in ("", "ai.onnx"))
    if opset != args.opset:
        raise Refused(
            f"the {args.exporter} exporter wrote opset {opset} instead of {args.opset}; "
            f"try --opset {opset} or --exporter {other}"
        )
    forget_origins(exported)
    onnx.checker.check_model(exported)
    onnx.save(exported, path)
    warn_of_weights(exported)


def forget_origins(exported):
    """Removes stack traces and doc strings, which hold paths of this machine."""
    graph = exported.graph
    for entry in [*graph.node, *graph.value_info, *graph.input, *graph.output, *graph.initializer, graph]:
        entry.doc_string = ""
        del entry.metadata_props[:]


def warn_of_weights(exported):
    import numpy
    import onnx

    subnormal = 0
    for tensor in exported.graph.initializer:
        if tensor.data_type == onnx.TensorProto.FLOAT:
            size = numpy.abs(onnx.numpy_helper.to_array(tensor))
            if not numpy.isfinite(size).all():
                raise Refused(f"the weight {tensor.name} holds NaN or infinite numbers; export another checkpoint")
            subnormal += int(((size > 0) & (size < SMALLEST_NORMAL)).sum())
    if subnormal > 0:
        print(
            f"warning: {subnormal} weights are subnormal (below 1.2e-38), on which CPUs can be ten times slower; "
            "set them to 0 in the checkpoint and export again",
            file=sys.stderr,
        )


def pictures(height, width):
    """Pixels 0..255 by name, [3, height, width]: flat, regular, random, and bright on black as on the line."""
    import numpy

    random = numpy.random.default_rng(SEED)
    row, column = numpy.mgrid[0:height, 0:width]
    noise = random.integers(0, 256, (3, height, width))
    disc = (row - height / 2) ** 2 + (column - width / 2) ** 2 < (0.4 * min(height, width)) ** 2
    colour = numpy.array([200, 40, 60])[:, None, None]
    return {
        "fruit": numpy.where(disc, (3 * colour + noise) // 4, 0),
        "black": numpy.zeros((3, height, width)),
        "white": numpy.full((3, height, width), 255),
        "gradient": numpy.stack([row * 255 // height, column * 255 // width, (row + column) * 255 // (height + width)]),
        "checkers": numpy.broadcast_to((row // 4 + column // 4) % 2 * 255, (3, height, width)),
        "noise": noise,
        "more noise": random.integers(0, 256, (3, height, width)),
    }


def to_tensor(pixels, args):
    """(pixels * scale - mean) / std as float32 [1, 3, height, width], as the line feeds them."""
    import numpy

    mean = numpy.array(args.mean or [0, 0, 0])[:, None, None]
    std = numpy.array(args.std or [1, 1, 1])[:, None, None]
    return ((pixels * factor_of(args.scale) - mean) / std).astype(numpy.float32)[None]


def compare(model, args, path):
    """Runs PyTorch and ONNX Runtime on every picture; returns the largest difference and the golden pair's tensors."""
    import numpy
    import onnxruntime
    import torch

    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    worst, golden = 0.0, None
    for name, pixels in pictures(*size_of("--input-size", args.input_size)).items():
        tensor = to_tensor(pixels, args)
        with torch.inference_mode():
            wanted = model(torch.from_numpy(tensor)).numpy()
        (found,) = session.run(None, {"input": tensor})
        golden = golden or (tensor, wanted)
        # NaN in either is a difference that no tolerance allows.
        difference = float(numpy.max(numpy.abs(found - wanted)))
        if not difference <= args.tolerance:
            raise Differs(
                f"to the picture {name!r} PyTorch answers {first_of(wanted)}, ONNX Runtime {first_of(found)}: "
                f"the largest difference is {difference:.2e}, the tolerance {args.tolerance:g}; try another --exporter "
                "or --opset, or a --tolerance that suits logits of this size"
            )
        worst = max(worst, difference)
    return worst, golden


def first_of(answer):
    return "[" + ", ".join(f"{value:.5g}" for value in answer[0][:4]) + (", ...]" if answer.shape[1] > 4 else "]")


def check_network(model, args):
    import torch

    size = size_of("--input-size", args.input_size)
    try:
        with torch.inference_mode():
            answer = model(torch.zeros(1, 3, *size))
    except Exception as error:
        raise Refused(
            f"{args.arch} cannot be run on {size[0]}x{size[1]} pixels: {one_line(error)}; "
            "correct --input-size or --arch"
        ) from error
    if not torch.is_tensor(answer) or tuple(answer.shape) != (1, len(args.classes)):
        raise Refused(f"{args.arch} is no classifier: it does not answer one number per class; correct --arch")
    parameters = sum(parameter.numel() for parameter in model.parameters())
    if 4 * parameters > MOST_MODEL_BYTES:
        raise Refused(
            f"{args.arch} has {parameters} parameters, more than one ONNX file of 2 GB holds; choose a smaller --arch"
        )
    return parameters


def card_text(args, parameters, made_by, worst):
    """The model card; JSON's scalars and lists are YAML."""

    def pixels(sizes):
        return sizes[0] if len(sizes) == 1 else sizes

    # Who says how pixels are scaled says all of it; who does not leaves all of it to the study.
    normalised = args.scale is not None or args.mean is not None or args.std is not None
    lines = {
        "file": args.out.name,
        "classes": args.classes,
        "input_size": pixels(args.input_size),
        "trained_input_size": "unknown" if args.trained_input_size is None else pixels(args.trained_input_size),
        "resize": args.resize,
        "resize_to": args.resize_to,
        "crop": args.crop,
        "interpolation": args.interpolation,
        "scale": args.scale or "unknown",
        "mean": args.mean or ("none" if normalised else None),
        "std": args.std or ("none" if normalised else None),
        "channel_order": args.channel_order,
        "layout": "nchw",
        "outputs": "logits",
        "backbone": args.arch[:100],
        "parameters": parameters,
        "source_checkpoint": f"{args.checkpoint.name[:400]} (sha256 {sha256_of(args.checkpoint)})",
        "note": f"exported {datetime.date.today()} by {made_by}; largest difference to PyTorch {worst:.1e}",
    }
    stated = {key: json.dumps(value, ensure_ascii=False) for key, value in lines.items() if value is not None}
    body = "".join(f"{key}: {value}\n" for key, value in stated.items())
    return f"# The contract of {args.out.name}, written by scripts/export_onnx.py.\n{body}"


def golden_text(args, made_by, model_path, tensors):
    def stored(name, values):
        floats = base64.b64encode(values.astype("<f4").tobytes()).decode("ascii")
        return {"name": name, "dims": list(values.shape), "float32_base64": floats}

    pair = {
        "schema": "beltbench/golden",
        "version": 1,
        "model_sha256": sha256_of(model_path),
        "made_by": made_by,
        "tolerance": args.tolerance,
        "input": stored("input", tensors[0]),
        "output": stored("logits", tensors[1]),
    }
    return json.dumps(pair, ensure_ascii=False, indent=2) + "\n"


def sha256_of(path):
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()


def one_line(error):
    """The first line of a message that says something, cut."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return (lines[0] if lines else type(error).__name__)[:300]


def run(argv):
    args = parse_arguments(argv)
    torch = load("torch", "install it as this script's first lines say")
    for name in ("onnx", "onnxruntime", *(["onnxscript"] if args.exporter == "dynamo" else [])):
        load(name, "install it as this script's first lines say")
    warnings.filterwarnings("ignore")
    logging.disable(logging.WARNING)
    model = build(args)
    load_weights(model, args)
    parameters = check_network(model, args)
    library = sys.modules[args.library].__version__
    made_by = (
        f"export_onnx.py, {args.library} {library}'s {args.arch[:100]}, torch {torch.__version__}, "
        f"{args.exporter} exporter, opset {args.opset}"
    )
    files = files_of(args.out)
    # Beside the files, so that each moves to its place at once.
    with tempfile.TemporaryDirectory(prefix=".export-", dir=args.out.parent) as folder:
        made = {kind: pathlib.Path(folder, path.name) for kind, path in files.items()}
        export(model, args, made["model"])
        worst, tensors = compare(model, args, made["model"])
        made["card"].write_text(card_text(args, parameters, made_by, worst), encoding="utf-8")
        made["golden"].write_text(golden_text(args, made_by, made["model"], tensors), encoding="utf-8")
        for kind, path in files.items():
            os.replace(made[kind], path)
    print(f"largest difference to PyTorch {worst:.2e} (tolerance {args.tolerance:g})")
    for path in files.values():
        print(f"wrote {path}")
    for option, value in [("--scale", args.scale), ("--trained-input-size", args.trained_input_size)]:
        if value is None:
            print(f"note: without {option} the card says `unknown`, and every report asks for it", file=sys.stderr)


def main(argv):
    """Exports, and returns the exit code."""
    try:
        run(argv)
        return 0
    except Refused as error:
        print(f"export_onnx: {error}", file=sys.stderr)
        return 2
    except Differs as error:
        print(f"export_onnx: {error}; nothing was written", file=sys.stderr)
        return 1
    except OSError as error:  # Checkpoints are read elsewhere: this is the folder of --out.
        print(f"export_onnx: the files cannot be written: {one_line(error)}; name another --out", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
