"""HTTP: the API for phones, the files for poles, one plain status page. Holds no rule of the product."""
