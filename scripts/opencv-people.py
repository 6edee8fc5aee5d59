#!/usr/bin/python3
"""People found by OpenCV in frames of a clip, as JSON: the yardstick of `npm run bench -- detector`.

Usage: opencv-people.py <clip> <hog|MODEL.onnx> <frame> [<frame> ...]

Frames are counted from 1. `hog` is OpenCV's own people detector; a model must be a YOLOX of 416 x 416, which OpenCV's dnn
module can read. One thread. Prints {"ms": median per frame, "boxes": {"<frame>": [[x, y, w, h, score], ...]}}.
"""

import json
import statistics
import sys
import time

import cv2
import numpy as np

SIZE = 416
SCORE = 0.5


def hog():
    detector = cv2.HOGDescriptor()
    detector.setSVMDetector(cv2.HOGDescriptor_getDefaultPeopleDetector())

    def find(image):
        boxes, scores = detector.detectMultiScale(image, winStride=(8, 8), padding=(8, 8), scale=1.05)
        # The detector's windows are wider than people; OpenCV's own sample peopledetect.cpp shrinks them like this.
        return [
            [x + 0.1 * w, y + 0.07 * h, 0.8 * w, 0.8 * h, float(score)]
            for (x, y, w, h), score in zip(boxes, np.ravel(scores))
        ]

    return find


def yolox(model):
    net = cv2.dnn.readNetFromONNX(model)
    grids = [(x, y, s) for s in (8, 16, 32) for y in range(SIZE // s) for x in range(SIZE // s)]
    grid = np.array(grids, np.float32)

    def find(image):
        scale = min(SIZE / image.shape[1], SIZE / image.shape[0])
        small = cv2.resize(image, None, fx=scale, fy=scale)
        padded = np.full((SIZE, SIZE, 3), 114, np.uint8)
        padded[: small.shape[0], : small.shape[1]] = small
        net.setInput(padded.astype(np.float32).transpose(2, 0, 1)[None])
        out = net.forward()[0]
        scores = out[:, 4] * out[:, 5]
        keep = scores >= SCORE
        centre = (out[keep, :2] + grid[keep, :2]) * grid[keep, 2:]
        size = np.exp(out[keep, 2:4]) * grid[keep, 2:]
        boxes = np.hstack([centre - size / 2, size]) / scale
        chosen = cv2.dnn.NMSBoxes(boxes.tolist(), scores[keep].tolist(), SCORE, 0.5)
        return [[*map(float, boxes[i]), float(scores[keep][i])] for i in np.ravel(chosen).astype(int)]

    return find


def main():
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    cv2.setNumThreads(1)
    find = hog() if sys.argv[2] == "hog" else yolox(sys.argv[2])
    wanted = set(map(int, sys.argv[3:]))
    clip = cv2.VideoCapture(sys.argv[1])
    boxes, times, number = {}, [], 0
    while True:
        fine, image = clip.read()
        if not fine:
            break
        number += 1
        if number not in wanted:
            continue
        started = time.perf_counter()
        boxes[number] = find(image)
        times.append((time.perf_counter() - started) * 1000)
    json.dump({"ms": statistics.median(times), "boxes": boxes}, sys.stdout, default=float)


main()
