"""Export: a Hugging Face checkpoint directory becomes the int8 OpenVINO IR directory that the engine loads."""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
from pathlib import Path

FILES = (
    "openvino_model.xml",
    "openvino_model.bin",
    "config.json",
    "generation_config.json",
    "tokenizer.json",
    "tokenizer_config.json",
    "chat_template.jinja",
)


def export(checkpoint: Path, target: Path, limit_bytes: int = 16_000_000) -> int:
    """Writes the int8 IR of `checkpoint` into `target` and returns its size in bytes.

    Raises ValueError when the result is larger than `limit_bytes`.
    """
    import nncf
    import openvino
    from optimum.exporters.openvino import main_export

    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        main_export(
            str(checkpoint),
            output=scratch,
            task="text-generation-with-past",
            convert_tokenizer=False,
        )
        model = openvino.Core().read_model(scratch / "openvino_model.xml")
        model = nncf.compress_weights(model, mode=nncf.CompressWeightsMode.INT8_SYM)
        openvino.save_model(model, scratch / "int8" / "openvino_model.xml", compress_to_fp16=False)
        del model
        for file in FILES[:2]:
            shutil.move(scratch / "int8" / file, scratch / file)
        # The tokenizer and the template are ours as written, not as a loader re-serialised them.
        for file in FILES[4:]:
            shutil.copy(checkpoint / file, scratch / file)
        size = sum((scratch / file).stat().st_size for file in FILES)
        if size > limit_bytes:
            raise ValueError(f"the exported model takes {size} bytes, more than {limit_bytes}")
        target.mkdir(parents=True, exist_ok=True)
        for file in FILES:
            shutil.copy(scratch / file, target / file)
    config = json.loads((target / "config.json").read_text())
    config["_name_or_path"] = target.name
    (target / "config.json").write_text(json.dumps(config, indent=2, sort_keys=True) + "\n")
    return size


def main() -> None:
    """Command line: `python -m training.export CHECKPOINT TARGET`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("target", type=Path)
    arguments = parser.parse_args()
    size = export(arguments.checkpoint, arguments.target)
    print(f"{arguments.target}: {size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
