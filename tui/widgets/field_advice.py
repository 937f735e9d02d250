"""What people usually choose, field by field, where the form has room for a word of advice."""

from __future__ import annotations

from mnist_tui.tui.forms import user_code

ADVICE: dict[str, str] = {
    "preset": "Left and right choose; none takes back what a preset filled in and you left",
    "name": "What you will call it, 64 characters at most; left open: after model and dataset",
    "hold": "Let it wait in the queue until it is released",
    "dataset": "Results are mostly published on mnist; digits is there for a first look",
    user_code.DATASET: "Instead of the above: a folder with one folder of PNG or JPEG files per"
    " class, or folders train and test of such",
    "subset": "600 of each class, as 6000, train in seconds and show most differences",
    "fraction": "0.25,0.5,1.0 tells how much more images would help",
    "split": "pooled gives the 3,600, 1,200 and 1,200 images of a subset of 6,000",
    "validation": "0 leaves nothing to tell the best epoch by; with few, a per cent is luck",
    "seed": "Several, as 1,2,3, tell luck from progress",
    "model": "bn-cnn and lenet are quick; capsnet and resnet50 want a GPU",
    user_code.MODEL: "Or a function, as package.module:build, that takes the number of"
    " classes and returns a torch.nn.Module; it is looked for where mnist-tui was started",
    "filters": "More of them recognise more and take longer: 8-16 is quick, 64-128 large",
    "kernel_size": "3 is usual; 5 sees more of the image at once and costs more",
    "hidden_channels": "2 to 32; few are enough for digits",
    "dense_units": "Most weights of cnn are here: half of them, half the checkpoint",
    "activation": "relu is usual today; tanh is of the time of LeNet, which learns faster with it",
    "dropout": "0 is off, 0.5 much; training accuracy then stays below that of validation",
    "conv_dropout": "0.1 to 0.3; whole feature maps go at once",
    "pretrained": "true is quick and learns little of digits; false trains millions of weights",
    "initialization": "The first epochs differ most, with sgd above all",
    "normalization": "standard often helps sgd; adam hardly minds",
    "augmentation": "shift helps on unseen images and wants more epochs",
    "optimizer": "adam asks for least care; sgd wants momentum and a larger learning rate",
    "learning_rate": "Usual: 0.001 with adam, 0.01 to 0.1 with sgd; 0.1,0.01 tries both",
    "momentum": "0.9 is usual with sgd; 0 is off",
    "weight_decay": "0.0001 to 0.01, where training accuracy runs ahead of validation",
    "schedule": "constant is easiest to compare; cosine and onecycle mostly end better",
    "batch_size": "Small: more steps per epoch; large: more images per second",
    "epochs": "5 are enough to compare, 20 to get most out of it",
    "device": "Several, as cuda:0,cuda:1, make a session on each",
    "precision": "bf16 halves the time of large models; lenet and the like gain nothing by it",
    "compile": "Worth it for chen-densenet and hours of training; pause and stop wait for it",
    "threads": "More than the machine has cores only slows it down",
    "log_every": "1 shows every batch; more keeps the files small",
    "checkpoint_every": "A crash costs at most this much work",
}
"""By field, half a sentence each; those that are no parameters are explained by it alone."""
