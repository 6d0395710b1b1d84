"""One cell: all five services in one process. The one file of the mesh that knows them."""

import context.__main__
import edge.__main__
import inference.__main__
import moderation.__main__
import orchestrator.__main__
from mesh.node import run

if __name__ == "__main__":
    run(
        {
            "inference": inference.__main__.start,
            "context": context.__main__.start,
            "moderation": moderation.__main__.start,
            "orchestrator": orchestrator.__main__.start,
            "edge": edge.__main__.start,
        }
    )
