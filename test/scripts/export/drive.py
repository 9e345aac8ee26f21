"""
Runs scripts/export_onnx.py on checkpoints made here, in one process because its imports take seconds.

    python drive.py           fails where a package cannot be imported
    python drive.py FOLDER    writes files into FOLDER; prints one JSON object: exit codes and stderr by case
"""

import contextlib
import io
import json
import pathlib
import re
import sys

# No __pycache__ beside the script.
sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).parents[3] / "scripts"))
import export_onnx  # noqa: E402
import onnx  # noqa: E402, F401
import onnxruntime  # noqa: E402, F401
import onnxscript  # noqa: E402, F401
import torch  # noqa: E402

FOLDER = pathlib.Path(*sys.argv[1:])
timm = export_onnx.load_timm()


def random_network(arch):
    """Weights and statistics that matter: a fresh batch-norm adds nothing, a fresh GRN does nothing."""
    torch.manual_seed(4)
    network = timm.create_model(arch, num_classes=2)
    for name, tensor in network.state_dict().items():
        if tensor.dim() == 1 and tensor.is_floating_point():
            tensor.copy_(torch.rand(tensor.shape) + 0.5)
    return network.eval()


def official_names(state):
    """ConvNeXt V2's names and shapes as its authors write them."""
    renamed = {}
    for name, value in state.items():
        name = re.sub(r"^stem\.", "downsample_layers.0.", name)
        name = re.sub(r"^stages\.(\d+)\.blocks\.", r"stages.\1.", name)
        name = re.sub(r"^stages\.(\d+)\.downsample\.", r"downsample_layers.\1.", name)
        name = name.replace("conv_dw", "dwconv").replace("mlp.fc", "pwconv")
        if "mlp.grn" in name:
            name = name.replace("mlp.grn.weight", "grn.gamma").replace("mlp.grn.bias", "grn.beta")
            value = value.reshape(1, 1, 1, -1)
        name = name.replace("head.norm", "norm").replace("head.fc", "head")
        renamed[name] = value.flatten(1) if "pwconv" in name and value.dim() == 4 else value
    return renamed


def run(*changes, checkpoint, out, arch="resnet18"):
    """The script's exit code and what it writes to stderr."""
    stderr = io.StringIO()
    arguments = ["--arch", arch, "--library", "timm", "--checkpoint", str(FOLDER / checkpoint)]
    arguments += ["--input-size", "32", "--classes", "fine", "defect"]
    with contextlib.redirect_stderr(stderr), contextlib.redirect_stdout(io.StringIO()):
        code = export_onnx.main([*arguments, "--out", str(FOLDER / out), *changes])
    return {"code": code, "stderr": stderr.getvalue()}


def answers_alike(arch, state):
    """Whether a checkpoint that is mapped on loading makes the network that it was taken from."""
    torch.save({"model": state}, FOLDER / "mapped.pt")
    arguments = ["--arch", arch, "--library", "timm", "--checkpoint", str(FOLDER / "mapped.pt"), "--classes", "a", "b"]
    arguments += ["--input-size", "32", "--out", str(FOLDER / "mapped.onnx")]
    args = export_onnx.parse_arguments(arguments)
    network = export_onnx.build(args)
    export_onnx.load_weights(network, args)
    picture = torch.rand(1, 3, 64, 64)
    with torch.inference_mode():
        return bool(torch.equal(network(picture), random_network(arch)(picture)))


def main():
    state = random_network("resnet18").state_dict()
    wrapped = {f"module._orig_mod.{name}": value for name, value in state.items()}
    torch.save({"epoch": 3, "state_dict": wrapped, "args": export_onnx.argparse.Namespace(lr=0.1)}, FOLDER / "best.pt")
    torch.save(torch.nn.Linear(2, 2), FOLDER / "pickled.pt")
    subnormal = {name: value.clone() for name, value in state.items()}
    subnormal["fc.weight"][0, :5] = 1e-39
    torch.save(subnormal, FOLDER / "subnormal.pt")
    (FOLDER / "text.pt").write_text("no checkpoint")
    contract = ["--scale", "1/255", "--mean", "0.5", "0.4", "0.3", "--std", "0.2", "0.2", "0.25"]
    contract += ["--trained-input-size", "32", "--resize", "shorter_side", "--resize-to", "36", "--crop", "center"]
    cases = {
        "fine": run(*contract, checkpoint="best.pt", out="net.onnx"),
        "again": run(checkpoint="best.pt", out="net.onnx"),
        "subnormal": run("--exporter", "torchscript", "--opset", "17", checkpoint="subnormal.pt", out="subnormal.onnx"),
        "three classes": run("--classes", "a", "b", "c", checkpoint="best.pt", out="refused.onnx"),
        "code": run(checkpoint="pickled.pt", out="refused.onnx"),
        "text": run(checkpoint="text.pt", out="refused.onnx"),
        "another network": run(checkpoint="best.pt", out="refused.onnx", arch="resnet34"),
        "an unknown network": run(checkpoint="best.pt", out="refused.onnx", arch="resnet19"),
        "parity": run("--exporter", "torchscript", "--tolerance", "1e-30", checkpoint="best.pt", out="refused.onnx"),
        "a mean of pixels": run("--scale", "1/255", "--mean", "124", "0", "0", checkpoint="best.pt", out="refused.onnx"),
        "a wrong option": run("--scale", "0", checkpoint="best.pt", out="refused.onnx"),
    }
    convnext = random_network("convnextv2_atto").state_dict()
    print(json.dumps({**cases, "official": answers_alike("convnextv2_atto", official_names(convnext))}))


if len(sys.argv) > 1:
    main()
