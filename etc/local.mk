modelsdir = $(datadir)/meterfleet/models
dist_models_DATA = etc/models/kpm31.cfg etc/models/kpm31bk.cfg etc/models/kpm33b.cfg
# What a new site begins with; the package puts it into /etc/meterfleet.
examplesdir = $(docdir)/examples
dist_examples_DATA = etc/meterfleet.ini
