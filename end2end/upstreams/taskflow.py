"""A small app with a task dashboard that has no login: one task failed, and whoever may can run it again."""

import os

import uvicorn
from fastapi import BackgroundTasks, FastAPI
from fastapi_taskflow import TaskAdmin, TaskManager

tasks = TaskManager()
app = FastAPI()
TaskAdmin(app, tasks, auto_install=True)

attempts = 0


@tasks.task(retries=0)
def import_orders(source: str) -> None:
    """Fails the first time, as if the other side had been away for a moment."""
    global attempts
    attempts += 1
    if attempts == 1:
        raise RuntimeError(f"{source} did not answer")


@app.post("/orders/import")
def start(background: BackgroundTasks) -> dict[str, str]:
    return {"id": background.add_task(import_orders, source="warehouse")}


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]), log_level="warning")
